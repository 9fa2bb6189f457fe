import type { Response } from './exchange.ts';
import type { RequestOptions, Unusable } from './options.ts';

/** Where a request goes: to the URL of the settings, or to where a redirect has led. */
export interface RequestTarget {
  /** Without userinfo. For a Unix socket, `http://localhost` and the path of the request. */
  readonly url: URL;
  readonly socketPath: string | undefined;
  readonly method: string;
  readonly body: string | undefined;
  readonly isBodyPrivate: boolean;
  /** No redirect has led to another origin than that of the settings, not even for a moment. */
  readonly isSameOrigin: boolean;
}

const MALFORMED: Unusable = { reason: 'the URL is malformed' };
const MOVED = new Set([301, 302]);
const REDIRECTS = new Set([...MOVED, 303, 307, 308]);

/** Takes the URL of the settings apart; `userinfo` is its decoded `user:password`. */
export function parseTarget({
  url,
  method,
  body,
  isBodyPrivate = false,
}: RequestOptions): { target: RequestTarget; userinfo: string | undefined } | Unusable {
  const unix = /^unix:(\/[^:]+)(?::(\/.*))?$/.exec(url);
  const parsed = URL.parse(unix === null ? url : `http://localhost${unix[2] ?? '/'}`);
  if (parsed === null) return MALFORMED;
  const { username, password } = parsed;
  parsed.username = '';
  parsed.password = '';
  const content = { method, body, isBodyPrivate };
  const target = { url: parsed, socketPath: unix?.[1], ...content, isSameOrigin: true };
  if (username === '' && password === '') return { target, userinfo: undefined };
  try {
    const userinfo = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { target, userinfo };
  } catch {
    return MALFORMED;
  }
}

/**
 * Where a response redirects to, with the method and body that browsers use; undefined if it does not
 * redirect. Source: Fetch standard, "HTTP-redirect fetch".
 */
export function nextRedirect(
  response: Response,
  target: RequestTarget,
): RequestTarget | Unusable | undefined {
  if (response.type !== 'answer' || !REDIRECTS.has(response.status)) return undefined;
  const { location } = response.headers;
  if (location === undefined) return undefined;
  const url = URL.parse(location, target.url);
  if (url === null || !/^https?:$/.test(url.protocol))
    return { reason: 'the redirect does not lead to an http or https URL' };
  if (target.url.protocol === 'https:' && url.protocol === 'http:')
    return { reason: 'the redirect leads from https to http' };
  url.username = '';
  url.password = '';
  const stays = url.origin === target.url.origin;
  const { status } = response;
  const { method, body, isBodyPrivate } = target;
  const becomesGet =
    (status === 303 && method !== 'GET') || (MOVED.has(status) && method === 'POST');
  if (!stays && !becomesGet && body !== undefined && isBodyPrivate)
    return { reason: 'the redirect leads to another origin, which gets no body of the settings' };
  return {
    isBodyPrivate,
    url,
    socketPath: stays ? target.socketPath : undefined,
    isSameOrigin: target.isSameOrigin && stays,
    ...(becomesGet ? { method: 'GET', body: undefined } : { method, body }),
  };
}
