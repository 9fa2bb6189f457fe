import { redactPath, redactUrl } from '../../io/http/redact-url.ts';

export interface Sealed {
  readonly document: unknown;
  /** What the reader has to put in instead, a line each. */
  readonly notes: readonly string[];
}

/** Where a password is to be put; the reader may choose another place. */
const PASSWORD_FILE = '/etc/lastgood/passwords';

/**
 * A copy of a settings document in which no URL holds a credential (P8): userinfo becomes `auth.basic`
 * with a file, and the values of a query, which may be tokens, become a placeholder. A URL that was
 * given where a path belongs is not shown.
 */
export function withoutCredentials(document: unknown): Sealed {
  const notes: string[] = [];
  let files = 0;
  const sealed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sealed);
    if (typeof value === 'string' && value.startsWith('/')) return redactPath(value);
    if (typeof value !== 'object' || value === null) return value;
    const inner = Object.entries(value).map(([key, each]) => [key, sealed(each)] as const);
    const mapping: Record<string, unknown> = Object.fromEntries(inner);
    if (typeof mapping.url !== 'string') return mapping;
    const { url, username, hasUserinfo, hasQuery } = partsOf(mapping.url);
    const shown = redactUrl(url);
    if (hasQuery) notes.push(`The query of ${shown} is not shown: replace each ${PLACEHOLDER}.`);
    if (!hasUserinfo) return { ...mapping, url };
    const passwordFile = `${PASSWORD_FILE}/${files}`;
    files += 1;
    notes.push(`The password for ${shown} is not shown: put it into ${passwordFile}.`);
    const auth = { ...(mapping.auth as object | undefined), basic: { username, passwordFile } };
    return { ...mapping, url, auth };
  };
  return { document: sealed(document), notes };
}

const PLACEHOLDER = 'REPLACE-ME';

interface Parts {
  /** Without userinfo, and with nothing of the query but its names. */
  readonly url: string;
  readonly username: string;
  readonly hasUserinfo: boolean;
  readonly hasQuery: boolean;
}

function partsOf(text: string): Parts {
  const url = text.startsWith('unix:') ? null : URL.parse(text);
  if (url === null) {
    const [plain = '', query] = text.split(/[?#]/);
    return { ...NOTHING, url: plain, hasQuery: query !== undefined };
  }
  const { username, password } = url;
  const hasUserinfo = username !== '' || password !== '';
  // Alone it may be a token and no name at all.
  const name = password === '' || username === '' ? PLACEHOLDER : decoded(username);
  const hasQuery = url.search !== '';
  if (!hasUserinfo && !hasQuery && url.hash === '') return { ...NOTHING, url: text };
  Object.assign(url, { username: '', password: '', hash: '' });
  url.search = [...url.searchParams].map(sealedParameter).join('&');
  return { url: url.href, username: name, hasUserinfo, hasQuery };
}

/** A parameter without a value may be a token itself. */
function sealedParameter([name, value]: readonly [string, string]): string {
  return value === '' ? PLACEHOLDER : `${encodeURIComponent(name)}=${PLACEHOLDER}`;
}

/** As it stands, where it cannot be decoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const NOTHING = { username: '', hasUserinfo: false, hasQuery: false } as const;
