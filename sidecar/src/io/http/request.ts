import http from 'node:http';
import https from 'node:https';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import type {
  HeaderSettings,
  RequestSettings,
  StatusMatch,
  TlsSettings,
} from '../../settings/settings.ts';
import { type Exchange, exchangeOver, type Response, type Transport } from './exchange.ts';
import { isProxied, type ProxyEnv, proxyEnvOf } from './proxy.ts';

export type { Response } from './exchange.ts';

/**
 * A request, and what the settings say of it. Files that they name are read for each request anew;
 * one that cannot be read makes a fault that names it.
 */
export interface RequestOptions
  extends Partial<Pick<RequestSettings, 'followRedirects' | 'auth' | 'tls'>>,
    Pick<Exchange, 'method' | 'body' | 'timeoutMs' | 'signal' | 'maxBodyBytes' | 'isLook'> {
  /** http, https, or `unix:/path/to.sock:/request/path`. */
  readonly url: string;
  /**
   * By lower-case name. A text is lastgood's own; what the settings give stays with the origin of the
   * URL, and is not shown to another one that a redirect leads to.
   */
  readonly headers?: Readonly<Record<string, string | HeaderSettings>>;
}

export interface HttpClient {
  request(options: RequestOptions): Promise<Response>;
  /** Whether the environment puts a proxy in between. */
  isProxied(url: string): boolean;
  close(): void;
}

export interface HttpClientOptions {
  readonly clock?: Clock;
  /** Undefined: no proxy. Left out: as Node's own environment variables say. */
  readonly proxyEnv?: ProxyEnv | undefined;
}

/** An app closes idle connections after some seconds; used again sooner, one is hardly ever stale. */
const IDLE_MS = 1_000;

/**
 * A client that keeps its connections open for a moment. `node:http` and not `fetch`, which costs
 * about 20 MB of the 64 MiB that the sidecar has. Never rejects.
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { clock = systemClock } = options;
  const proxyEnv = 'proxyEnv' in options ? options.proxyEnv : proxyEnvOf(process.env);
  const kept = { keepAlive: true, timeout: IDLE_MS, proxyEnv };
  const plain: Transport = { protocol: http, agent: new http.Agent(kept) };
  const secure: Transport = { protocol: https, agent: new https.Agent(kept) };
  let isClosed = false;
  const exchange = async (transport: Transport, what: Exchange): Promise<Response> => {
    const first = await exchangeOver(transport, what);
    // The app may close an idle connection just as it is used again. A look may be repeated; of a
    // reload, which may be a GET too, nobody knows whether the app has begun it: that is a fault.
    const mayRepeat = first.type === 'stale' && what.isLook && !isClosed;
    const ended = mayRepeat ? await exchangeOver(transport, what) : first;
    if (ended.type === 'answer' || ended.type === 'fault') return ended;
    if (ended.type === 'stale') return { type: 'fault', reason: ended.reason };
    if (what.socketPath !== undefined || !isProxied(what.url, proxyEnv)) return ended;
    return { type: 'fault', reason: `the proxy is not there: ${ended.reason}` };
  };
  const transportOf = (url: string) => (url.startsWith('https:') ? secure : plain);
  const loadJourney = async () => {
    const { createAuthenticatedClient } = await import('./authenticated-client.ts');
    return createAuthenticatedClient({ exchange, transportOf, agentOptions: kept, clock });
  };
  let journey: ReturnType<typeof loadJourney> | undefined;
  return {
    request: async (request) => {
      const startedMs = clock.nowMs();
      const response = isPlain(request)
        ? await exchange(transportOf(request.url), request)
        : undefined;
      if (response !== undefined && !(request.followRedirects && isRedirect(response)))
        return response;
      journey ??= loadJourney();
      const first = response && { response, tookMs: clock.nowMs() - startedMs };
      return (await journey).send(request, first);
    },
    isProxied: (url) => isProxied(url, proxyEnv),
    close: () => {
      isClosed = true;
      plain.agent.destroy();
      secure.agent.destroy();
      void journey?.then(({ close }) => close());
    },
  };
}

/** Most requests go to localhost and ask for nothing more, and need none of the code that does. */
function isPlain(request: RequestOptions): request is RequestOptions & Exchange {
  const { url, headers = {}, auth, tls } = request;
  if (url.startsWith('unix:')) return false;
  if (auth !== undefined && (auth.bearerFile ?? auth.basic ?? auth.hmac) !== undefined)
    return false;
  if (tls !== undefined && url.startsWith('https:') && !isUsual(tls)) return false;
  return Object.values(headers).every((header) => typeof header === 'string');
}

function isRedirect(response: Response): boolean {
  return response.type === 'answer' && response.status >= 300 && response.status < 400;
}

/** Whether TLS is as Node has it by itself. */
export function isUsual(tls: TlsSettings): boolean {
  return Object.values(tls).every((value) => value === undefined || value === false);
}

/** Whether one of the matches means this status code. */
export function matchesStatus(matches: readonly StatusMatch[], status: number): boolean {
  return matches.some((match) =>
    typeof match === 'number' ? match === status : match[0] === String(status)[0],
  );
}
