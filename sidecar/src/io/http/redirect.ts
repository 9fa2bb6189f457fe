import type { Response } from './exchange.ts';

/** Where a request goes now: to the URL of the settings, or where a redirect has led it. */
export interface Redirect {
  /** Without userinfo. For a Unix socket, `http://localhost` and the path of the request. */
  readonly url: URL;
  readonly socketPath: string | undefined;
  readonly method: string;
  readonly body: string | undefined;
  /** Still at the origin of the settings' URL, and never left it. */
  readonly isHome: boolean;
}

/** A hop that cannot be: why. */
export interface RedirectRefused {
  readonly reason: string;
}

/** The first hop, and the `user:password` of its URL. */
export interface Origin {
  readonly hop: Redirect;
  readonly userinfo: string | undefined;
}

const MALFORMED: RedirectRefused = { reason: 'the URL is malformed' };
const MOVED = new Set([301, 302]);
const REDIRECTS = new Set([...MOVED, 303, 307, 308]);

/** Takes the URL of the settings apart. */
export function originOf(
  url: string,
  method: string,
  body: string | undefined,
): Origin | RedirectRefused {
  const unix = /^unix:(\/[^:]+)(?::(\/.*))?$/.exec(url);
  const parsed = URL.parse(unix === null ? url : `http://localhost${unix[2] ?? '/'}`);
  if (parsed === null) return MALFORMED;
  const { username, password } = parsed;
  parsed.username = '';
  parsed.password = '';
  const hop = { url: parsed, socketPath: unix?.[1], method, body, isHome: true };
  if (username === '' && password === '') return { hop, userinfo: undefined };
  try {
    const userinfo = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { hop, userinfo };
  } catch {
    return MALFORMED;
  }
}

/**
 * Where an answer redirects to; undefined when it does not. What a redirect becomes is as browsers do
 * it. Source: Fetch standard, "HTTP-redirect fetch".
 */
export function nextRedirect(
  response: Response,
  hop: Redirect,
): Redirect | RedirectRefused | undefined {
  if (response.type !== 'answer' || !REDIRECTS.has(response.status)) return undefined;
  const { location } = response.headers;
  if (location === undefined) return undefined;
  const url = URL.parse(location, hop.url);
  if (url === null || !/^https?:$/.test(url.protocol))
    return { reason: 'the redirect leads to no http or https URL' };
  if (hop.url.protocol === 'https:' && url.protocol === 'http:')
    return { reason: 'the redirect leads from https to http' };
  url.username = '';
  url.password = '';
  const stays = url.origin === hop.url.origin;
  const { status } = response;
  const becomesGet =
    (status === 303 && hop.method !== 'GET') || (MOVED.has(status) && hop.method === 'POST');
  return {
    url,
    socketPath: stays ? hop.socketPath : undefined,
    isHome: hop.isHome && stays,
    ...(becomesGet ? { method: 'GET', body: undefined } : { method: hop.method, body: hop.body }),
  };
}
