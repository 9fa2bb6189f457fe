import type http from 'node:http';
import type https from 'node:https';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { type Credentials, readCredentials, secretsIn, signatureOf } from './credentials.ts';
import { type Exchange, type Response, withDeadline } from './exchange.ts';
import { type RequestOptions, type Unusable, usesDefaultTls } from './options.ts';
import { nextRedirect, parseTarget, type RequestTarget } from './redirect.ts';
import { createTlsAgents } from './tls-agents.ts';

/** More redirects than these are a loop. */
const MAX_REDIRECTS = 5;

/** Headers that describe a body. Source: Fetch standard, "request-body-header name". */
const BODY_HEADERS = ['content-type', 'content-encoding', 'content-language', 'content-location'];

export interface AuthenticatedClientOptions {
  readonly exchange: (agent: http.Agent, what: Exchange) => Promise<Response>;
  readonly defaultAgentFor: (url: string) => http.Agent;
  readonly agentOptions: https.AgentOptions;
  readonly clock: Clock;
  readonly onCredential: (value: string) => void;
}

/** The response to the first request, if it was sent already, and how much of the time it took. */
interface First {
  readonly response: Response;
  readonly tookMs: number;
}

/**
 * What most requests do not need, and what is loaded only for those that do: credentials in files,
 * certificates, Unix sockets, redirects. `send` never rejects.
 */
export function createAuthenticatedClient(options: AuthenticatedClientOptions) {
  const agents = createTlsAgents(options.agentOptions);
  const send = (request: RequestOptions, first?: First): Promise<Response> =>
    followRedirects(request, { ...options, agents, first });
  return { send, close: agents.close };
}

interface RequestContext extends AuthenticatedClientOptions {
  readonly agents: ReturnType<typeof createTlsAgents>;
  readonly first: First | undefined;
}

async function followRedirects(
  request: RequestOptions,
  context: RequestContext,
): Promise<Response> {
  const { body, headers: given = {}, auth, signal, followRedirects = false } = request;
  const { first, clock } = context;
  // All requests share the time.
  const untilMs = clock.nowMs() + request.timeoutMs - (first?.tookMs ?? 0);
  // A file may hang as well as an app.
  const inTime = <T>(work: Promise<T>) =>
    withDeadline(work, { ...request, leftMs: untilMs - clock.nowMs() });
  const start = parseTarget(request);
  if ('reason' in start) return fault(start.reason);
  const credentials = await inTime(readCredentials(given, auth, start.userinfo));
  if ('reason' in credentials) return fault(credentials.reason);
  for (const value of secretsIn(credentials)) context.onCredential(value);
  const exchangeAt = async (at: RequestTarget): Promise<Response> => {
    const agent = await inTime(agentAt(at, request, context));
    if ('reason' in agent) return fault(agent.reason);
    const leftMs = untilMs - clock.nowMs();
    if (signal?.aborted) return fault('aborted');
    if (leftMs <= 0) return fault(`no response within ${request.timeoutMs} ms`);
    const headers = headersOf(at, given, credentials, clock.wallMs());
    if (body !== undefined && at.body === undefined)
      for (const name of BODY_HEADERS) delete headers[name];
    return context.exchange(agent, {
      ...request,
      url: at.url.href,
      socketPath: at.socketPath,
      method: at.method,
      headers,
      body: at.body,
      leftMs,
    });
  };
  let { target } = start;
  for (let redirects = 0; ; redirects++) {
    const isSent = redirects === 0 && first !== undefined;
    const response = isSent ? first.response : await exchangeAt(target);
    const next = followRedirects ? nextRedirect(response, target) : undefined;
    if (next === undefined) return redirects === 0 ? response : redirected(response);
    if ('reason' in next) return fault(next.reason);
    if (redirects === MAX_REDIRECTS) return fault(`redirected more than ${MAX_REDIRECTS} times`);
    target = next;
  }
}

function fault(reason: string): Response {
  return { type: 'fault', reason };
}

/** The app has answered with the redirect, so it is not absent, even if the new place is. */
function redirected(response: Response): Response {
  return response.type === 'absent'
    ? fault(`nothing listens where the redirect leads: ${response.reason}`)
    : response;
}

async function agentAt(
  { url, socketPath, isSameOrigin }: RequestTarget,
  { tls }: RequestOptions,
  { agents, defaultAgentFor }: RequestContext,
): Promise<http.Agent | Unusable> {
  const isDefault = tls === undefined || usesDefaultTls(tls);
  if (socketPath !== undefined || url.protocol !== 'https:' || isDefault)
    return defaultAgentFor(url.href);
  return agents.agentFor(tls, isSameOrigin);
}

/** Another origin gets no credentials, only the type of the body. */
function headersOf(
  { isSameOrigin, body }: RequestTarget,
  given: NonNullable<RequestOptions['headers']>,
  { headers: configured, hmacKey }: Credentials,
  wallMs: number,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given))
    if (typeof value === 'string') headers[name] = value;
  if (isSameOrigin) Object.assign(headers, configured);
  const type = configured['content-type'];
  if (type !== undefined) headers['content-type'] = type;
  if (isSameOrigin && hmacKey !== undefined)
    headers['lastgood-signature'] = signatureOf(hmacKey, body ?? '', wallMs);
  return headers;
}
