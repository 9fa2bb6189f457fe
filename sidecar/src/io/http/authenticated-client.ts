import https from 'node:https';
import type { Clock } from '@lastgood/core/model/clock.ts';
import type { HeaderSettings } from '../../settings/settings.ts';
import { type Credentials, readCredentials, signatureOf } from './credentials.ts';
import type { Exchange, Response, Transport } from './exchange.ts';
import { nextRedirect, originOf, type Redirect } from './redirect.ts';
import { isUsual, type RequestOptions } from './request.ts';
import { TlsAgents } from './tls-agents.ts';

/** More redirects than these are a loop. */
const MAX_REDIRECTS = 5;

/** What tells of a body, and goes with it. Source: Fetch standard, "request-body-header name". */
const BODY_HEADERS = ['content-type', 'content-encoding', 'content-language', 'content-location'];

export interface AuthenticatedClientOptions {
  readonly exchange: (transport: Transport, what: Exchange) => Promise<Response>;
  readonly transportOf: (url: string) => Transport;
  readonly agentOptions: https.AgentOptions;
  readonly clock: Clock;
}

/** The answer at the first place, where that was asked already, and what of the time it took. */
export interface First {
  readonly response: Response;
  readonly tookMs: number;
}

/** Sends requests with all that the settings may say of one. */
export interface AuthenticatedClient {
  /** Never rejects. */
  send(request: RequestOptions, first?: First): Promise<Response>;
  close(): void;
}

/**
 * What most requests do without, and is loaded for those that do not: files that say who it is,
 * certificates, Unix sockets, redirects.
 */
export function createAuthenticatedClient(
  options: AuthenticatedClientOptions,
): AuthenticatedClient {
  const agents = new TlsAgents(options.agentOptions);
  return {
    send: (request, first) => {
      const { promise, resolve } = Promise.withResolvers<Response>();
      const giveUp = (reason: string) => resolve({ type: 'fault', reason });
      // A file may hang as well as an app, and each redirect takes of the same time.
      const { timeoutMs, signal } = request;
      const leftMs = timeoutMs - (first?.tookMs ?? 0);
      const timer = setTimeout(() => giveUp(`no answer within ${timeoutMs} ms`), leftMs);
      const onAbort = () => giveUp('aborted');
      if (signal?.aborted) onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      return Promise.race([
        promise,
        followRedirects(request, { ...options, agents }, first),
      ]).finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      });
    },
    close: () => agents.close(),
  };
}

interface RequestContext extends AuthenticatedClientOptions {
  readonly agents: TlsAgents;
}

async function followRedirects(
  request: RequestOptions,
  means: RequestContext,
  first: First | undefined,
): Promise<Response> {
  const { url, method, body, auth, timeoutMs, signal, followRedirects = false } = request;
  const untilMs = means.clock.nowMs() + timeoutMs - (first?.tookMs ?? 0);
  const start = originOf(url, method, body);
  if ('reason' in start) return fault(start.reason);
  const { own, given } = sorted(request.headers);
  const identity = await readCredentials({ headers: given, auth, userinfo: start.userinfo });
  if ('reason' in identity) return fault(identity.reason);
  let { hop } = start;
  for (let redirects = 0; ; redirects++) {
    const transport = await transportFor(hop, request, means);
    if ('reason' in transport) return fault(transport.reason);
    const leftMs = untilMs - means.clock.nowMs();
    if (leftMs <= 0 || signal?.aborted) return fault('no time is left');
    const headers = headersOf(hop, own, identity, means.clock.wallMs());
    if (body !== undefined && hop.body === undefined)
      for (const name of BODY_HEADERS) delete headers[name];
    // A little later than the time for all of it, whose end tells that time.
    const hopMs = Math.ceil(leftMs) + 1;
    const asked = exchangeOf(hop, headers, request, hopMs);
    const isAsked = redirects === 0 && first !== undefined;
    const response = isAsked ? first.response : await means.exchange(transport, asked);
    const next = followRedirects ? nextRedirect(response, hop) : undefined;
    if (next === undefined) return redirects === 0 ? response : redirected(response);
    if ('reason' in next) return fault(next.reason);
    if (redirects === MAX_REDIRECTS) return fault(`redirected more than ${MAX_REDIRECTS} times`);
    hop = next;
  }
}

function fault(reason: string): Response {
  return { type: 'fault', reason };
}

/** Somebody was there, who has led us to where nobody is. */
function redirected(response: Response): Response {
  return response.type === 'absent'
    ? fault(`the redirect leads to where nobody is: ${response.reason}`)
    : response;
}

async function transportFor(
  { url, socketPath, isHome }: Redirect,
  { tls }: RequestOptions,
  { agents, transportOf }: RequestContext,
): Promise<Transport | { readonly reason: string }> {
  if (socketPath !== undefined || url.protocol !== 'https:' || tls === undefined || isUsual(tls))
    return transportOf(url.href);
  const agent = await agents.agentFor(tls, isHome ? 'home' : 'away');
  return 'reason' in agent ? agent : { protocol: https, agent };
}

function exchangeOf(
  { url, socketPath, method, body }: Redirect,
  headers: Readonly<Record<string, string>>,
  { signal, maxBodyBytes, isLook }: RequestOptions,
  timeoutMs: number,
): Exchange {
  return {
    url: url.href,
    method,
    headers,
    timeoutMs,
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
    ...(isLook === undefined ? {} : { isLook }),
  };
}

/** Away from home nothing is sent that says who it is, only what the body is. */
function headersOf(
  { isHome, body }: Redirect,
  own: Readonly<Record<string, string>>,
  { headers: given, hmacKey }: Credentials,
  wallMs: number,
): Record<string, string> {
  const type = given['content-type'];
  const headers: Record<string, string> = { ...own, ...(isHome ? given : {}) };
  if (type !== undefined) headers['content-type'] = type;
  if (isHome && hmacKey !== undefined)
    headers['lastgood-signature'] = signatureOf(hmacKey, body ?? '', wallMs);
  return headers;
}

/** Tells lastgood's own headers from those that the settings give. */
function sorted(headers: RequestOptions['headers'] = {}) {
  const own: Record<string, string> = {};
  const given: Record<string, HeaderSettings> = {};
  for (const [name, header] of Object.entries(headers))
    if (typeof header === 'string') own[name] = header;
    else given[name] = header;
  return { own, given };
}
