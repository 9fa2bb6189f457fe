import http from 'node:http';
import https from 'node:https';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { type Exchange, exchangeOver, type Response } from './exchange.ts';
import { createLookup } from './lookup.ts';
import { type RequestOptions, usesDefaultTls } from './options.ts';
import { isProxied, type ProxyEnv, proxyEnvOf } from './proxy.ts';

export interface HttpClient {
  request(options: RequestOptions): Promise<Response>;
  close(): void;
}

export interface HttpClientOptions {
  readonly clock?: Clock;
  /** Undefined: no proxy. Left out: as Node's own environment variables say. */
  readonly proxyEnv?: ProxyEnv | undefined;
  /** Called with each password, token and key that a request sends. */
  readonly onCredential?: (value: string) => void;
}

/**
 * A client that opens a connection for each request, as the kubelet does for its probes: an app may
 * close a kept one at the moment when it is used again. It uses `node:http` because `fetch` costs
 * about 20 MB of the 64 MiB that the sidecar has. Never rejects.
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { clock = systemClock, onCredential = () => {} } = options;
  const proxyEnv = 'proxyEnv' in options ? options.proxyEnv : proxyEnvOf(process.env);
  const agentOptions = { keepAlive: false, proxyEnv, lookup: createLookup() };
  // Created when they are needed: most sidecars need no TLS, which Node loads for the second.
  const agents: { plain?: http.Agent; secure?: https.Agent } = {};
  const exchange = async (agent: http.Agent, what: Exchange): Promise<Response> => {
    const ended = await exchangeOver(agent, what);
    if (ended.type !== 'absent') return ended;
    if (what.socketPath !== undefined || !isProxied(what.url, proxyEnv)) return ended;
    return { type: 'fault', reason: `the proxy cannot be reached: ${ended.reason}` };
  };
  const defaultAgentFor = (url: string) => {
    if (url.startsWith('https:')) {
      agents.secure ??= new https.Agent(agentOptions);
      return agents.secure;
    }
    agents.plain ??= new http.Agent(agentOptions);
    return agents.plain;
  };
  const loadAuthenticated = async () => {
    const { createAuthenticatedClient } = await import('./authenticated-client.ts');
    const shared = { exchange, defaultAgentFor, agentOptions, clock, onCredential };
    return createAuthenticatedClient(shared);
  };
  let authenticated: ReturnType<typeof loadAuthenticated> | undefined;
  return {
    request: async (request) => {
      const startedMs = clock.nowMs();
      const response = isPlain(request)
        ? await exchange(defaultAgentFor(request.url), request)
        : undefined;
      if (response !== undefined && !(request.followRedirects && isRedirect(response)))
        return response;
      authenticated ??= loadAuthenticated();
      const first = response && { response, tookMs: clock.nowMs() - startedMs };
      return (await authenticated).send(request, first);
    },
    close: () => {
      agents.plain?.destroy();
      agents.secure?.destroy();
      void authenticated?.then(({ close }) => close());
    },
  };
}

/** Most requests go to localhost without any credentials, and need none of the code for them. */
function isPlain(request: RequestOptions): request is RequestOptions & Exchange {
  const { url, headers = {}, auth, tls } = request;
  if (url.startsWith('unix:')) return false;
  if (auth !== undefined && (auth.bearerFile ?? auth.basic ?? auth.hmac) !== undefined)
    return false;
  if (tls !== undefined && url.startsWith('https:') && !usesDefaultTls(tls)) return false;
  return Object.values(headers).every((header) => typeof header === 'string');
}

function isRedirect(response: Response): boolean {
  return response.type === 'answer' && response.status >= 300 && response.status < 400;
}
