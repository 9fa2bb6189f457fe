import type { RequestSettings } from '../../settings/settings.ts';
import { readCredentials } from './credentials.ts';
import { readSecretFile } from './secret-file.ts';

/** What is shorter may be part of any word, and protects nothing. */
const MIN_LENGTH = 4;

type Credentials = Pick<RequestSettings, 'url' | 'headers' | 'auth'>;

/**
 * A text of the app's in which no credential of the request stands (P8): an app that refuses may quote
 * what it was sent, such as the token that it did not expect or the path with its query.
 */
export async function redactCredentials(text: string, settings: Credentials): Promise<string> {
  const found = [...inUrl(settings.url), ...(await inHeaders(settings))];
  return found
    .filter((each) => each.length >= MIN_LENGTH)
    .sort((a, b) => b.length - a.length)
    .reduce((rest, each) => rest.replaceAll(each, 'xxxxx'), text);
}

/** Password, or the name that stands alone, and the values of the query, as they stand and decoded. */
function inUrl(url: string): string[] {
  const parsed = URL.parse(url.replace(/^unix:[^:]+:/, 'http://unix'));
  if (parsed === null) return [];
  const { username, password, search, searchParams } = parsed;
  const alone = password === '' ? username : '';
  const raw = [alone, password, ...search.slice(1).split('&').map(tokenIn)];
  return [...raw, ...raw.map(decoded), ...searchParams.values()];
}

/** A parameter without a value may be a token itself. */
function tokenIn(parameter: string): string {
  return parameter.slice(parameter.indexOf('=') + 1);
}

/** Values of headers, with what follows `Bearer` and `Basic`, and the password as it stands. */
async function inHeaders({ headers, auth }: Credentials): Promise<string[]> {
  const identity = await readCredentials({ headers, auth, userinfo: undefined });
  const sent = 'reason' in identity ? [] : Object.values(identity.headers);
  const basic = auth?.basic;
  const password = basic === undefined ? undefined : await readSecretFile(basic.passwordFile);
  const words = sent.map((value) => value.replace(/^(?:Bearer|Basic) /, ''));
  return [...words, ...(password !== undefined && 'text' in password ? [password.text] : [])];
}

/** As it stands, where it cannot be decoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
