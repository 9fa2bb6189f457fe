import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { ListenSettings } from '../../settings/settings.ts';
import { createLimitedServer } from './connections.ts';
import { pagesOf, type Sources } from './pages.ts';
import type { WebGuard } from './web-guard.ts';

/** Of schemas of requests and answers, which no page has: fastify would load megabytes for its own. */
const NO_COMPILERS = {
  buildValidator: () => noCompiler,
  buildSerializer: () => noCompiler,
};

function noCompiler(): never {
  throw new Error('no page has a schema');
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
  const app = await listen(host === '' ? ['::', '0.0.0.0'] : [host], options);
  const { address, port } = app.server.address() as AddressInfo;
  return { address: hostAndPort(address, port), close: () => app.close() };
}

/** Tries the next host only if the node has no IPv6, not if the port is in use. */
async function listen(
  [host = '', ...others]: readonly string[],
  options: ServeOptions,
): Promise<FastifyInstance> {
  const { port, host: wanted } = options.listen;
  const app = createApp(options);
  try {
    await app.listen({ host, port });
    return app;
  } catch (thrown) {
    await app.close();
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

/** The server with its routes, not listening yet. */
function createApp({ guard, ...sources }: ServeOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    schemaController: { compilersFactory: NO_COMPILERS },
    // A scraper's keep-alive connection would otherwise delay the shutdown.
    forceCloseConnections: true,
    serverFactory: (handler) => createLimitedServer(handler, guard?.https),
  });
  if (guard?.https !== undefined) guard.attach(app.server as Server);
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    if (guard !== undefined) {
      const isAllowed = await guard.allows(headers.authorization);
      reply.headers(guard.headers());
      if (!isAllowed) {
        reply.header('www-authenticate', 'Basic');
        return sendText(reply, 401, 'Unauthorized');
      }
    }
    if (method === 'GET' || method === 'HEAD') return;
    reply.header('allow', 'GET, HEAD');
    return sendText(reply, 405, 'read-only');
  });
  for (const [path, page] of pagesOf(sources))
    app.get(path, async (_request, reply) => {
      const { code, type, body } = await page();
      return reply.code(code).type(type).send(body);
    });
  app.setNotFoundHandler((_request, reply) =>
    sendText(reply, 404, 'not found; see / for the paths'),
  );
  // The error may quote anything, so a client does not get it (P8).
  app.setErrorHandler((_error, _request, reply) => sendText(reply, 500, 'internal error'));
  return app;
}

function sendText(reply: FastifyReply, code: number, text: string): FastifyReply {
  return reply.code(code).type('text/plain').send(`${text}\n`);
}
