import { createHmac } from 'node:crypto';
import type { AuthOptions, HeaderValue, Unusable } from './options.ts';
import { readSecretFile, type SecretText } from './secret-file.ts';

/** The credentials of a request, with every file read. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** Of the signature; one character a byte. */
  readonly hmacKey: string | undefined;
}

/** The characters of a header's value. Source: RFC 9110, section 5.5. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Reads the files that the settings name; leaves out lastgood's own headers, which are plain strings.
 * `userinfo` is the decoded `user:password` of the URL; `auth` overrides it. A `reason` names the file
 * that cannot be used. Never rejects.
 */
export async function readCredentials(
  headers: Readonly<Record<string, string | HeaderValue>>,
  auth: AuthOptions | undefined,
  userinfo: string | undefined,
): Promise<Credentials | Unusable> {
  const read: Record<string, string> = {};
  if (userinfo !== undefined) read.authorization = basicOf(Buffer.from(userinfo));
  for (const [name, header] of Object.entries(headers)) {
    if (typeof header === 'string') continue;
    const value = 'value' in header ? { text: header.value } : await readHeader(header.file);
    if ('reason' in value) return value;
    read[name] = value.text;
  }
  const authorization = auth === undefined ? undefined : await readAuthorization(auth);
  if (authorization !== undefined) {
    if ('reason' in authorization) return authorization;
    read.authorization = authorization.text;
  }
  if (auth?.hmac === undefined) return { headers: read, hmacKey: undefined };
  const key = await readNonEmpty(auth.hmac.keyFile, 'auth.hmac.keyFile');
  return 'reason' in key ? key : { headers: read, hmacKey: key.text };
}

/** Headers that describe a request, and authenticate nothing. */
const PLAIN_HEADERS = /^(?:accept(?:-.*)?|content-.*|user-agent|host|origin|referer)$/;

/** What an app that quotes the request would give away: also the password inside `Basic`. */
export function secretsIn({ headers, hmacKey }: Credentials): string[] {
  const values = Object.entries(headers).flatMap(([name, value]) => {
    if (PLAIN_HEADERS.test(name)) return [];
    const [, scheme, token] = /^(Basic|Bearer) (.*)$/.exec(value) ?? [];
    if (scheme !== 'Basic' || token === undefined) return [token ?? value];
    const text = Buffer.from(token, 'base64').toString('utf8');
    return [token, text.slice(text.indexOf(':') + 1)];
  });
  return hmacKey === undefined ? values : [...values, hmacKey];
}

/**
 * The value of `Lastgood-Signature`: an HMAC-SHA256 of the time and the body. With the time, in whole
 * Unix seconds, the receiver can reject an old request that is sent again. Source: docs/webhook-protocol.md.
 */
export function signatureOf(key: string, body: string, wallMs: number): string {
  const seconds = Math.floor(wallMs / 1000);
  const signature = createHmac('sha256', Buffer.from(key, 'latin1'))
    .update(`${seconds}.${body}`)
    .digest('hex');
  return `t=${seconds},v1=${signature}`;
}

async function readAuthorization({
  bearerFile,
  basic,
}: AuthOptions): Promise<SecretText | undefined> {
  if (bearerFile !== undefined) {
    const token = await readNonEmpty(bearerFile, 'auth.bearerFile');
    return 'reason' in token ? token : checkHeader(`Bearer ${token.text}`, bearerFile);
  }
  if (basic === undefined) return undefined;
  const password = await readPassword(basic);
  if ('reason' in password) return password;
  const user = Buffer.from(`${basic.username}:`);
  return { text: basicOf(Buffer.concat([user, Buffer.from(password.text, 'latin1')])) };
}

/** The password of `auth.basic`. Never rejects. */
export function readPassword({
  passwordFile,
}: NonNullable<AuthOptions['basic']>): Promise<SecretText> {
  return readSecretFile(passwordFile, 'auth.basic.passwordFile');
}

/** Source: RFC 7617. */
function basicOf(credentials: Buffer): string {
  return `Basic ${credentials.toString('base64')}`;
}

async function readHeader(path: string): Promise<SecretText> {
  const value = await readSecretFile(path, 'a header');
  return 'reason' in value ? value : checkHeader(value.text, path);
}

/** An empty token or key is most likely a file that is being written. */
async function readNonEmpty(path: string, name: string): Promise<SecretText> {
  const value = await readSecretFile(path, name);
  return 'text' in value && value.text === '' ? { reason: `${path} is empty` } : value;
}

function checkHeader(text: string, path: string): SecretText {
  return HEADER_VALUE.test(text)
    ? { text }
    : { reason: `${path} contains a character that a header cannot carry, such as a line break` };
}
