import { createHmac, randomBytes } from 'node:crypto';

/** Answers that are remembered, so that a scraper costs one bcrypt and not one each scrape. */
const MAX_REMEMBERED = 100;

/** No user has it. Checked for users that do not exist, who must not be told by a quick no. */
const NOBODY = '$2b$10$4WOleSPMAN33hsOQyNDQsuDJVrF/4sNlSiiaDIPb/KoyutuNxk9mG';

/** Requests that wait for bcrypt; further ones are refused, as each costs 0.1 s of processor time. */
const MAX_WAITING = 16;

/** Tells whether `Authorization: Basic` names one of the users. Never rejects. */
export type CheckPassword = (
  header: string | undefined,
  users: Readonly<Record<string, string>>,
) => Promise<boolean>;

/** Makes the check, with a memory of its own for what was right. */
export function createPasswordCheck(): CheckPassword {
  const key = randomBytes(32);
  const remembered = new Set<string>();
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return async (header, users) => {
    const given = credentialsOf(header);
    if (given === undefined) return false;
    const hash = Object.hasOwn(users, given.user) ? users[given.user] : undefined;
    // The hash is part of it: with a new password the old one is forgotten.
    const known = [given.user, hash ?? '', given.password];
    const digest = createHmac('sha256', key).update(JSON.stringify(known)).digest('hex');
    if (hash !== undefined && remembered.has(digest)) return true;
    if (waiting >= MAX_WAITING) return false;
    waiting += 1;
    // One at a time: this process has more important things to do.
    const turn = last.then(async () => {
      const { compare } = await import('bcryptjs');
      return compare(given.password, hash ?? NOBODY);
    });
    last = turn.catch(() => {});
    const isRight = await turn.catch(() => false).finally(() => (waiting -= 1));
    if (hash === undefined || !isRight) return false;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.add(digest);
    return true;
  };
}

/** Source: RFC 7617. */
function credentialsOf(
  header = '',
): { readonly user: string; readonly password: string } | undefined {
  const [, token = ''] = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(header) ?? [];
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
