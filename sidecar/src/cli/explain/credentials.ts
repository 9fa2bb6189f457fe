import { redactPath, redactUrl } from '../../io/http/redact-url.ts';

export interface Redacted {
  readonly document: unknown;
  /** What the reader has to fill in, one line each. */
  readonly notes: readonly string[];
}

/** The suggested directory of passwords. */
const PASSWORD_DIR = '/etc/lastgood/passwords';

const PLACEHOLDER = 'REPLACE-ME';

/**
 * A copy of a settings document without credentials in URLs (P8): userinfo becomes `auth.basic`
 * with a file, and the values of a query, which may be tokens, become a placeholder. A URL in the
 * place of a path is not shown.
 */
export function withoutCredentials(document: unknown): Redacted {
  const notes: string[] = [];
  let files = 0;
  const redacted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(redacted);
    if (typeof value === 'string' && value.startsWith('/')) return redactPath(value);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, each]) => [key, redacted(each)] as const);
    const mapping: Record<string, unknown> = Object.fromEntries(entries);
    if (typeof mapping.url !== 'string') return mapping;
    const { url, username, hasQuery } = splitUrl(mapping.url);
    const shown = redactUrl(url);
    if (hasQuery) notes.push(`The query of ${shown} is not shown: replace each ${PLACEHOLDER}.`);
    if (username === undefined) return { ...mapping, url };
    const passwordFile = `${PASSWORD_DIR}/${files}`;
    files += 1;
    notes.push(`The password for ${shown} is not shown: put it into ${passwordFile}.`);
    const auth = { ...(mapping.auth as object | undefined), basic: { username, passwordFile } };
    return { ...mapping, url, auth };
  };
  return { document: redacted(document), notes };
}

interface UrlParts {
  /** Without userinfo, and with only the names of its query. */
  readonly url: string;
  /** Undefined: the URL has no userinfo. */
  readonly username?: string;
  readonly hasQuery: boolean;
}

function splitUrl(text: string): UrlParts {
  const url = text.startsWith('unix:') ? null : URL.parse(text);
  if (url === null) {
    const [plain = '', query] = text.split(/[?#]/);
    return { url: plain, hasQuery: query !== undefined };
  }
  const { username, password } = url;
  const hasUserinfo = username !== '' || password !== '';
  const hasQuery = url.search !== '';
  if (!hasUserinfo && !hasQuery && url.hash === '') return { url: text, hasQuery };
  Object.assign(url, { username: '', password: '', hash: '' });
  url.search = [...url.searchParams].map(hideParameter).join('&');
  if (!hasUserinfo) return { url: url.href, hasQuery };
  // A name without a password may be a token.
  const name = password === '' || username === '' ? PLACEHOLDER : decode(username);
  return { url: url.href, username: name, hasQuery };
}

/** A parameter without a value may be a token. */
function hideParameter([name, value]: readonly [string, string]): string {
  return value === '' ? PLACEHOLDER : `${encodeURIComponent(name)}=${PLACEHOLDER}`;
}

/** Unchanged if it cannot be decoded. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
