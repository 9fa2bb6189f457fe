import { percentDecode } from '@lastgood/core/model/percent-decode.ts';
import { readCredentials, readPassword } from '../credentials.ts';
import type { RequestOptions } from '../options.ts';

/** A shorter one may be part of any word, and protects nothing. */
const MIN_LENGTH = 4;

type RequestCredentials = Required<Pick<RequestOptions, 'url' | 'headers' | 'auth'>>;

/**
 * Removes the credentials of the request from a text of the app (P8): an app that refuses may quote
 * what it received, such as the token that it did not expect or the path with its query.
 */
export async function redactCredentials(
  text: string,
  request: RequestCredentials,
): Promise<string> {
  const found = [...secretsInUrl(request.url), ...(await inHeaders(request))];
  return found
    .filter((each) => each.length >= MIN_LENGTH)
    .sort((a, b) => b.length - a.length)
    .reduce((rest, each) => rest.replaceAll(each, 'xxxxx'), text);
}

/** The password, or a user name without one, and the values of the query, both encoded and decoded. */
export function secretsInUrl(url: string): string[] {
  const parsed = URL.parse(url.replace(/^unix:[^:]+:/, 'http://unix'));
  if (parsed === null) return [];
  const { username, password, search, searchParams } = parsed;
  const alone = password === '' ? username : '';
  // A parameter without a value may be a token itself.
  const values = search
    .slice(1)
    .split('&')
    .map((parameter) => parameter.slice(parameter.indexOf('=') + 1));
  const raw = [alone, password, ...values];
  return [...raw, ...raw.map(percentDecode), ...searchParams.values()];
}

/** The values of headers without `Bearer` and `Basic`, and the password as it is in its file. */
async function inHeaders({ headers, auth }: RequestCredentials): Promise<string[]> {
  const credentials = await readCredentials(headers, auth, undefined);
  const sent = 'reason' in credentials ? [] : Object.values(credentials.headers);
  const password = auth.basic === undefined ? undefined : await readPassword(auth.basic);
  const words = sent.map((value) => value.replace(/^(?:Bearer|Basic) /, ''));
  return [...words, ...(password !== undefined && 'text' in password ? [password.text] : [])];
}
