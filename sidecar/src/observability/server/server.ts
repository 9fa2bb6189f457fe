import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import fastify, { type FastifyInstance } from 'fastify';
import type { ListenSettings } from '../../settings/settings.ts';
import { pagesOf, type Sources } from './pages.ts';
import type { WebGuard } from './web-guard.ts';

export interface ServeOptions extends Sources {
  readonly listen: ListenSettings;
  /** What stands before all that is served; left out: everybody is served, in plain HTTP. */
  readonly guard?: WebGuard | undefined;
}

export interface Serving {
  /** Where it listens, `host:port`, the port being the one that the system chose for 0. */
  readonly address: string;
  /** Stops at once, whatever connections are open. */
  close(): Promise<void>;
}

/** Nobody who only asks for a page needs longer, and a half-sent request must not stay for ever. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Probes, a few scrapers and a person: more is somebody who wants our memory. */
const MAX_CONNECTIONS = 256;

/**
 * Serves metrics, probes and status, read-only. Rejects with `LG_SERVE_LISTEN` when the address is
 * taken, not ours or not allowed.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const app = await listening(hostsOf(options.listen.host), options);
  const { address, port } = app.server.address() as AddressInfo;
  return { address: hostAndPort(address, port), close: () => app.close() };
}

/** Every interface is `::`, which takes IPv4 too; a node with IPv6 switched off has only `0.0.0.0`. */
function hostsOf(host: string): readonly string[] {
  return host === '' ? ['::', '0.0.0.0'] : [host];
}

/** Tries the hosts in turn. A port that is taken is taken on all of them. */
async function listening(
  [host = '', ...others]: readonly string[],
  options: ServeOptions,
): Promise<FastifyInstance> {
  const { listen } = options;
  const app = appOf(options);
  try {
    await app.listen({ host, port: listen.port });
    return app;
  } catch (thrown) {
    await app.close();
    if (others.length > 0 && hasNoIpv6(thrown)) return listening(others, options);
    const address = hostAndPort(listen.host, listen.port);
    throw new LastgoodError('LG_SERVE_LISTEN', [address, reasonOf(thrown)], { cause: thrown });
  }
}

function hasNoIpv6(thrown: unknown): boolean {
  return ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(reasonOf(thrown));
}

function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The routes, on no port yet. */
function appOf({ guard, ...sources }: ServeOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    // A scraper's keep-alive connection would hold the shutdown until the grace period is over.
    forceCloseConnections: true,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Typed as plain HTTP, of which all that is used here is the same.
    ...({ https: guard?.https ?? null } as object),
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  if (guard?.https !== undefined) guard.attach(app.server as Server);
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    if (guard !== undefined) {
      const isAllowed = await guard.allows(headers.authorization);
      reply.headers(guard.headers());
      if (!isAllowed)
        return reply
          .code(401)
          .header('www-authenticate', 'Basic')
          .type('text/plain')
          .send('Unauthorized\n');
    }
    if (method === 'GET' || method === 'HEAD') return;
    // Nothing can be changed here; the body is not even read.
    return reply.code(405).header('allow', 'GET, HEAD').type('text/plain').send('read-only\n');
  });
  for (const [path, page] of pagesOf(sources))
    app.get(path, async (_request, reply) => {
      const { code, type, body } = await page(sources);
      return reply.code(code).type(type).send(body);
    });
  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).type('text/plain').send('not found; / lists what there is\n');
  });
  // What was thrown may quote anything: it is not for whoever asks (P8).
  app.setErrorHandler((_error, _request, reply) => {
    reply.code(500).type('text/plain').send('internal error\n');
  });
  return app;
}
