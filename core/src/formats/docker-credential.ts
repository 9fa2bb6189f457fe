/** What is wrong with the entry of a registry. Never tells a value: all of them are secrets (P8). */
export interface CredentialProblem {
  readonly message: string;
  /** The key whose value it is; undefined is the entry itself. */
  readonly key?: string;
}

type Entry = Readonly<Record<string, unknown>>;

const TEXTS = ['auth', 'username', 'password', 'email', 'identitytoken', 'registrytoken'];

/** Tokens stand for user and password. */
const TOKENS = ['identitytoken', 'registrytoken'];

const NO_CREDENTIAL =
  'holds no credential: expected "auth", or "username" and "password"; docker login may have put it into a credsStore';

/** Looks whether kubelet and docker could log in with an entry. */
export function credentialProblems(entry: Entry): readonly CredentialProblem[] {
  const odd = TEXTS.filter((key) => entry[key] !== undefined && typeof entry[key] !== 'string');
  if (odd.length > 0) return odd.map((key) => ({ message: `"${key}" must be a string`, key }));
  const { auth, username, password } = entry;
  if (typeof auth === 'string' && auth !== '') return problemsOfAuth(auth, entry);
  if (TOKENS.some((key) => entry[key])) return [];
  return username && password ? [] : [{ message: NO_CREDENTIAL }];
}

function problemsOfAuth(auth: string, { username, password }: Entry): readonly CredentialProblem[] {
  const inAuth = (message: string) => [{ message: `"auth" ${message}`, key: 'auth' }];
  const decoded = decodedBase64(auth);
  if (decoded === undefined) return inAuth('is not base64');
  const colon = decoded.indexOf(':');
  if (colon === -1) return inAuth('must be base64 of user:password, and there is no colon in it');
  const [user, secret] = [decoded.slice(0, colon), decoded.slice(colon + 1)];
  if (user === '') return inAuth('holds no user before its colon');
  if (secret === '') return inAuth('holds no password after its colon');
  if (/[\r\n]$/.test(secret))
    return inAuth('holds a password that ends in a line break; make it with printf, not echo');
  return [
    ...(username === undefined || username === user
      ? []
      : inAuth('is of another user than "username"')),
    ...(password === undefined || password === secret
      ? []
      : inAuth('has another password than "password"')),
  ];
}

/** Undefined for what Go's decoders refuse, with padding or without it. Line breaks are left out there. */
function decodedBase64(written: string): string | undefined {
  const compact = written.replaceAll(/[\r\n]/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  const length = compact.replaceAll('=', '').length;
  if (length % 4 === 1 || (compact.endsWith('=') && compact.length % 4 !== 0)) return undefined;
  return Buffer.from(compact, 'base64').toString('utf8');
}
