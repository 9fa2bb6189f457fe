import { createHmac, randomBytes } from 'node:crypto';

/** Number of correct passwords to remember, so that a scraper costs bcrypt once, not each time. */
const MAX_REMEMBERED = 100;

/** No password has it. Checked for unknown users, so that the response time does not reveal them. */
const NO_PASSWORD = '$2b$10$4WOleSPMAN33hsOQyNDQsuDJVrF/4sNlSiiaDIPb/KoyutuNxk9mG';

/** Requests that may wait for bcrypt. More are refused, as each costs 0.1 s of processor time. */
const MAX_WAITING = 16;

/**
 * Creates the check whether the header `Authorization: Basic` has the password of one of the users.
 * It remembers correct passwords, and never rejects.
 */
export function createPasswordCheck() {
  const key = randomBytes(32);
  const remembered = new Set<string>();
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return async (header: string | undefined, users: Readonly<Record<string, string>>) => {
    const given = readCredentials(header);
    if (given === undefined) return false;
    const hash = Object.hasOwn(users, given.user) ? users[given.user] : undefined;
    // With the hash, so that a password is forgotten when its user gets a new one.
    const known = [given.user, hash ?? '', given.password];
    const digest = createHmac('sha256', key).update(JSON.stringify(known)).digest('hex');
    if (hash !== undefined && remembered.has(digest)) return true;
    if (waiting >= MAX_WAITING) return false;
    waiting += 1;
    // One at a time: the rollouts come first.
    const turn = last.then(async () => {
      const { compare } = await import('bcryptjs');
      return compare(given.password, hash ?? NO_PASSWORD);
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
function readCredentials(header = '') {
  const [, token = ''] = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(header) ?? [];
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
