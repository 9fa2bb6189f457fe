import type { Issue } from '../model/issue.ts';
import { isMapping, type Mapping } from '../model/mapping.ts';
import { type Part, type Pointer, type ValuePath, valueAt } from '../model/pointer.ts';
import { refused } from './document.ts';
import type { Format, Parsed } from './format.ts';
import { json } from './json.ts';
import { readJsonPositions } from './json-positions.ts';
import { offsetOf } from './source-node.ts';
import { syntaxIssue } from './syntax-issues.ts';

/**
 * Credentials for registries, as in a Secret of type `kubernetes.io/dockerconfigjson`:
 * `{"auths": {"registry": {"auth": "base64 of user:password"}}}`. Each entry must have what a login
 * needs, and `auth` must agree with `username` and `password` beside it.
 *
 * Source: kubernetes pkg/credentialprovider/config.go
 */
export const dockerconfigjson: Format = {
  name: 'dockerconfigjson',
  extensions: [],
  fileNames: /^\.dockerconfigjson$/,
  parse: (text) => parse(text, ['auths']),
};

/** The older `kubernetes.io/dockercfg`: the same entries, without `auths` around them. */
export const dockercfg: Format = {
  name: 'dockercfg',
  extensions: [],
  fileNames: /^\.dockercfg$/,
  parse: (text) => parse(text, []),
};

/** No message has a value: all of them are secrets (P8). */
function issue(message: string, pointer: Pointer, part: Part = 'value'): Issue<ValuePath> {
  return syntaxIssue(message, { pointer, part });
}

/** The kubelet reads it, but no login can come of it (P11). */
function warning(message: string, pointer: Pointer, part: Part = 'value'): Issue<ValuePath> {
  return { ...issue(message, pointer, part), code: 'LG_VALIDATE_DIALECT' };
}

function parse(text: string, entriesAt: Pointer): Parsed {
  if (isEncodedTwice(text))
    return refused(text, [syntaxIssue('is base64 of JSON: encoded twice', 0)]);
  const parsed = json.parse(text);
  if (!parsed.ok) return parsed;
  // Go's reader for JSON accepts none of what others do.
  const { warnings = [] } = parsed;
  if (warnings.length > 0)
    return refused(
      text,
      warnings.map((warning) => ({ ...warning, code: 'LG_VALIDATE_SYNTAX' })),
    );
  const found = parsed.documents.flatMap(({ value }) => checkConfig(value, entriesAt));
  if (found.length === 0) return parsed;
  const { root } = readJsonPositions(text);
  const located = found.map((each) => ({
    ...each,
    at: offsetOf(root, each.at.pointer, each.at.part),
  }));
  if (located.every(isWarning)) return { ...parsed, warnings: located };
  const asFound = located.map((each) =>
    isWarning(each) ? ({ ...each, severity: 'warning' } as const) : each,
  );
  return { ok: false, issues: asFound };
}

function isWarning({ code }: Issue): boolean {
  return code === 'LG_VALIDATE_DIALECT';
}

function checkConfig(value: unknown, entriesAt: Pointer): readonly Issue<ValuePath>[] {
  if (!isMapping(value)) return [issue('must be an object', [])];
  const entries = valueAt(value, entriesAt);
  if (entries === undefined) return [warning('"auths" is missing', [])];
  if (!isMapping(entries)) return [issue('must be an object of registries', entriesAt)];
  return Object.entries(entries).flatMap(([registry, entry]) => {
    const at = [...entriesAt, registry];
    if (isMapping(entry)) return checkCredential(entry, at);
    return [issue('the entry of a registry must be an object', at)];
  });
}

const TEXTS = ['auth', 'username', 'password', 'email', 'identitytoken', 'registrytoken'];

/** These replace user and password. */
const TOKENS = ['identitytoken', 'registrytoken'];

const NO_CREDENTIAL =
  'has no credential: expected "auth", or "username" and "password"; docker login may have put it into a credsStore';

/** Whether the kubelet and docker could log in with an entry. */
function checkCredential(entry: Mapping, at: Pointer): readonly Issue<ValuePath>[] {
  const odd = TEXTS.filter((key) => entry[key] !== undefined && typeof entry[key] !== 'string');
  if (odd.length > 0) return odd.map((key) => issue(`"${key}" must be a string`, [...at, key]));
  const { auth, username, password } = entry;
  if (typeof auth === 'string' && auth !== '') return checkAuth(auth, entry, [...at, 'auth']);
  const isComplete = TOKENS.some((key) => entry[key]) || (username && password);
  return isComplete ? [] : [warning(NO_CREDENTIAL, at, 'key')];
}

function checkAuth(auth: string, entry: Mapping, at: Pointer): readonly Issue<ValuePath>[] {
  const decoded = decodeBase64(auth);
  if (decoded === undefined) return [issue('"auth" is not base64', at)];
  const colon = decoded.indexOf(':');
  if (colon === -1) return [issue('"auth" must be base64 of user:password, but has no colon', at)];
  const doubts = doubtsOf(decoded.slice(0, colon), decoded.slice(colon + 1), entry);
  return doubts.map((doubt) => warning(`"auth" ${doubt}`, at));
}

/** Why a login would most likely fail. */
function doubtsOf(
  user: string,
  secret: string,
  { username, password }: Mapping,
): readonly string[] {
  if (user === '') return ['has no user before its colon'];
  if (secret === '') return ['has no password after its colon'];
  if (/[\r\n]$/.test(secret))
    return ['has a password that ends in a line break; create it with printf, not echo'];
  const isOther = (written: unknown, own: string) => written !== undefined && written !== own;
  return [
    ...(isOther(username, user) ? ['has another user than "username"'] : []),
    ...(isOther(password, secret) ? ['has another password than "password"'] : []),
  ];
}

/** Undefined for what Go's decoders refuse, with or without padding. They skip line breaks. */
function decodeBase64(written: string): string | undefined {
  const compact = written.replaceAll(/[\r\n]/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  const length = compact.replaceAll('=', '').length;
  if (length % 4 === 1 || (compact.endsWith('=') && compact.length % 4 !== 0)) return undefined;
  return Buffer.from(compact, 'base64').toString('utf8');
}

/** `data` of a Secret is base64 already; encoding a value of `stringData` by hand is once too often. */
function isEncodedTwice(text: string): boolean {
  return /^[A-Za-z0-9+/=\s]+$/.test(text) && /^\s*\{/.test(Buffer.from(text, 'base64').toString());
}
