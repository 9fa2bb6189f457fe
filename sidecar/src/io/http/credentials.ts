import { createHmac } from 'node:crypto';
import type { AuthSettings, HeaderSettings } from '../../settings/settings.ts';
import { readSecretFile, type SecretText } from './secret-file.ts';

/** How a request says who it is, with every file read. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** Of the signature; one character a byte. */
  readonly hmacKey: string | undefined;
}

export interface CredentialSources {
  readonly headers: Readonly<Record<string, HeaderSettings>>;
  readonly auth: AuthSettings | undefined;
  /** `user:password` of the URL, decoded; what `auth` says comes before it. */
  readonly userinfo: string | undefined;
}

/** What may stand in a header. Source: RFC 9110, section 5.5. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Reads what the settings name. A `reason` names the file that cannot be used. Never rejects. */
export async function readCredentials({
  headers,
  auth,
  userinfo,
}: CredentialSources): Promise<Credentials | { readonly reason: string }> {
  const basic = userinfo === undefined ? {} : { authorization: basicOf(Buffer.from(userinfo)) };
  const read: Record<string, string> = { ...basic };
  for (const [name, header] of Object.entries(headers)) {
    const value = 'value' in header ? { text: header.value } : await headerIn(header.file);
    if ('reason' in value) return value;
    read[name] = value.text;
  }
  const authorization = auth === undefined ? undefined : await authorizationOf(auth);
  if (authorization !== undefined) {
    if ('reason' in authorization) return authorization;
    read.authorization = authorization.text;
  }
  if (auth?.hmac === undefined) return { headers: read, hmacKey: undefined };
  const key = await filledIn(auth.hmac.keyFile);
  return 'reason' in key ? key : { headers: read, hmacKey: key.text };
}

/**
 * The value of `Lastgood-Signature`: an HMAC-SHA256 of the time and the body. The time, in whole Unix
 * seconds, lets whoever checks it refuse an old request that is sent again. Source: docs/protocol.md.
 */
export function signatureOf(key: string, body: string, wallMs: number): string {
  const seconds = Math.floor(wallMs / 1000);
  const signature = createHmac('sha256', Buffer.from(key, 'latin1'))
    .update(`${seconds}.${body}`)
    .digest('hex');
  return `t=${seconds},v1=${signature}`;
}

async function authorizationOf(auth: AuthSettings): Promise<SecretText | undefined> {
  const { bearerFile, basic } = auth;
  if (bearerFile !== undefined) {
    const token = await filledIn(bearerFile);
    return 'reason' in token ? token : inHeader(`Bearer ${token.text}`, bearerFile);
  }
  if (basic === undefined) return undefined;
  const password = await readSecretFile(basic.passwordFile);
  if ('reason' in password) return password;
  const user = Buffer.from(`${basic.username}:`);
  return { text: basicOf(Buffer.concat([user, Buffer.from(password.text, 'latin1')])) };
}

/** Source: RFC 7617. */
function basicOf(credentials: Buffer): string {
  return `Basic ${credentials.toString('base64')}`;
}

async function headerIn(path: string): Promise<SecretText> {
  const value = await readSecretFile(path);
  return 'reason' in value ? value : inHeader(value.text, path);
}

/** An empty token or key is none at all: a file that is being written, most likely. */
async function filledIn(path: string): Promise<SecretText> {
  const value = await readSecretFile(path);
  return 'text' in value && value.text === '' ? { reason: `${path} is empty` } : value;
}

function inHeader(text: string, path: string): SecretText {
  return HEADER_VALUE.test(text)
    ? { text }
    : { reason: `${path} holds what cannot stand in a header, such as a line break` };
}
