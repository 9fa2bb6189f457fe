import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import type { ListenSettings } from '../../settings/settings.ts';
import { createLimitedServer, type LimitedServer } from './connections.ts';
import { type Page, PLAIN, pagesOf, type Sources } from './pages.ts';
import type { WebGuard } from './web-guard.ts';

const METHODS = ['GET', 'HEAD'];

const SAFE_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

type Headers = Readonly<Record<string, string>>;

interface Answer extends Page {
  /** Beside those of every answer. */
  readonly headers?: Headers;
}

export interface ServeOptions extends Sources {
  readonly listen: ListenSettings;
  /** TLS, passwords and headers; left out: plain HTTP for everybody. */
  readonly guard?: WebGuard | undefined;
}

export interface Serving {
  /** `host:port`; for port 0, the one that the system chose. */
  readonly address: string;
  /** Stops at once, and closes open connections. */
  close(): Promise<void>;
}

/**
 * Serves metrics, probes and status, read-only. Rejects with `LG_SERVE_LISTEN` if the address is in
 * use, not of this pod or not allowed.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { host } = options.listen;
  // `::` is every interface, IPv4 included; a node without IPv6 only has `0.0.0.0`.
  const { server, closeNow } = await listen(host === '' ? ['::', '0.0.0.0'] : [host], options);
  const { address, port } = server.address() as AddressInfo;
  return { address: hostAndPort(address, port), close: closeNow };
}

/** Tries the next host only if the node has no IPv6, not if the port is in use. */
async function listen(
  [host = '', ...others]: readonly string[],
  options: ServeOptions,
): Promise<LimitedServer> {
  const { port, host: wanted } = options.listen;
  const limited = createServer(options);
  try {
    await once(limited.server.listen({ host, port }), 'listening');
    return limited;
  } catch (thrown) {
    const reason = reasonOf(thrown);
    const hasNoIpv6 = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(reason);
    if (others.length > 0 && hasNoIpv6) return listen(others, options);
    const address = hostAndPort(wanted, port);
    throw new LastgoodError('LG_SERVE_LISTEN', [address, reason], { cause: thrown });
  }
}

function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The server with its pages, not listening yet. */
function createServer({ guard, ...sources }: ServeOptions): LimitedServer {
  const pages = pagesOf(sources);
  const pageFor = async ({ method = '', url = '', headers }: IncomingMessage): Promise<Answer> => {
    if (guard !== undefined && !(await guard.allows(headers.authorization)))
      return text(401, 'Unauthorized', { 'www-authenticate': 'Basic' });
    if (!METHODS.includes(method)) return text(405, 'read-only', { allow: METHODS.join(', ') });
    return pages.get(pathOf(url))?.() ?? text(404, 'not found; see / for the paths');
  };
  const answer: RequestListener = async (request, response) => {
    // The error may quote anything, so a client does not get it (P8).
    const found = await pageFor(request).catch(() => text(500, 'internal error'));
    const { code, type, body, headers } = found;
    const own = { ...headers, 'content-type': type, 'content-length': body.length };
    // One after the other, as names differ in case: a later value replaces an earlier one.
    for (const each of [SAFE_HEADERS, guard?.headers() ?? {}, own])
      response.setHeaders(new Map(Object.entries(each)));
    // Node leaves out the body where the request is HEAD.
    response.writeHead(code).end(body);
  };
  const limited = createLimitedServer(answer, guard?.https);
  if (guard?.https !== undefined) guard.attach(limited.server as SecureServer);
  return limited;
}

/** As most servers read it: a proxy may send the whole URL, and a client may encode any character. */
function pathOf(target: string): string {
  const [, path = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i.exec(target) ?? [];
  return (tryTo(() => decodeURIComponent(path)) ?? path) || '/';
}

function text(code: number, line: string, headers: Headers = {}): Answer {
  return { code, type: PLAIN, body: Buffer.from(`${line}\n`), headers };
}
