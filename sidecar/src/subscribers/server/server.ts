import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import { endsWithin, systemClock } from '@lastgood/core/model/clock.ts';
import { PROTOCOL_VERSION } from '@lastgood/core/model/sdk-protocol.ts';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { SubscriberBundle } from '../subscription.ts';
import { bodyOf, notFound, Problem, problemFrom } from './problem.ts';
import { restoreSocket } from './restore-socket.ts';
import { type Api, addRoutes } from './routes.ts';
import { listenAt, type SocketSettings } from './unix-socket.ts';

/** For 500 subscribers: each needs one connection for its events and one for its answers. */
const MAX_CONNECTIONS = 1_100;

const HTTP_LIMITS: ServerOptions = {
  // The host has no meaning on a socket.
  requireHostHeader: false,
  maxHeaderSize: 8 * 2 ** 10,
  // Of each connection, so that those of all fit into memory.
  highWaterMark: 16 * 2 ** 10,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 72_000,
};

/** A subscriber that stops reading is noticed by now at the latest. */
const PATIENCE_MS = 60_000;

/** A stopping sidecar gives its subscribers so long to read the end. */
const CLOSE_WITHIN_MS = 1_000;

/** Of schemas of requests and answers, which no route has: fastify would load megabytes for its own. */
const NO_COMPILERS = {
  buildValidator: () => noCompiler,
  buildSerializer: () => noCompiler,
};

function noCompiler(): never {
  throw new Error('no route has a schema');
}

export interface SubscriberServerOptions extends SocketSettings {
  readonly bundles: readonly SubscriberBundle[];
  /** Names of the bundles without a `subscribers` target, for the message. */
  readonly others?: readonly string[];
  /** The version of lastgood. */
  readonly program: string;
  /** An unexpected error of a request, for the log. */
  readonly onError?: (error: unknown) => void;
  /** A connection on which nothing moves for this long is cut off. Default: 60 s. */
  readonly patienceMs?: number;
  /** Default: 15 s. */
  readonly heartbeatMs?: number;
}

/**
 * Serves the SDK's protocol on a Unix socket until `close`, which also ends the subscribers' connections
 * and removes the socket. Rejects with `LG_SERVE_SOCKET`.
 * Source: docs/protocol.md.
 */
export async function serveSubscribers(
  options: SubscriberServerOptions,
): Promise<{ close(): Promise<void> }> {
  const { bundles, others = [], program, heartbeatMs = 15_000 } = options;
  const api: Api = { bundles, others, program, heartbeatMs, connections: new Set() };
  const app = createApp(api, options);
  const backlog = MAX_CONNECTIONS;
  try {
    const removeSocket = await listenAt(options, (path) => app.listen({ path, backlog }));
    const endRestoring = restoreSocket(app.server, options, {
      sockets: { allowHalfOpen: true, highWaterMark: HTTP_LIMITS.highWaterMark },
      backlog,
      everyMs: heartbeatMs,
      onError: options.onError ?? (() => {}),
    });
    return {
      close: async () => {
        await endRestoring();
        await removeSocket();
        await endConnections(api);
        await app.close();
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

function createApp(
  api: Api,
  { patienceMs = PATIENCE_MS, onError }: SubscriberServerOptions,
): FastifyInstance {
  const app = fastify({
    logger: false,
    schemaController: { compilersFactory: NO_COMPILERS },
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply) => void sendProblem(error, reply),
    clientErrorHandler: refuseGarbage,
    serverFactory: (handler) => {
      const server = createServer(HTTP_LIMITS, (request, response) => {
        // Waits behind another request of its connection, which may be a stream without end.
        if (response.socket === null) return void request.socket.destroy();
        response.setHeader('lastgood-protocol', PROTOCOL_VERSION);
        response.setHeader('cache-control', 'no-store');
        handler(request, response);
      });
      limitConnections(server);
      server.setTimeout(patienceMs);
      return server;
    },
  });
  // Any type: curl sends that of a form unless it is given another.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (_: FastifyRequest, message: IncomingMessage) => message);
  app.addHook('onRequest', async ({ headers }) => {
    const spoken = headers['lastgood-protocol'] ?? String(PROTOCOL_VERSION);
    if (spoken !== String(PROTOCOL_VERSION))
      throw new Problem(400, 'LG_SDK_PROTOCOL', spoken, PROTOCOL_VERSION);
  });
  addRoutes(app, api);
  app.setNotFoundHandler(({ method, url }) => {
    throw notFound(`${method} ${url.slice(0, 200)}`);
  });
  app.setErrorHandler((error, _request, reply) => {
    if (problemFrom(error).status === 500) onError?.(error);
    return sendProblem(error, reply);
  });
  return app;
}

/** Also those of a socket that `restoreSocket` makes: `maxConnections` counts only those of one socket. */
function limitConnections(server: Server): void {
  let count = 0;
  server.on('connection', (socket) => {
    count += 1;
    socket.once('close', () => {
      count -= 1;
    });
    if (count > MAX_CONNECTIONS) socket.destroy();
  });
}

function sendProblem(error: unknown, reply: FastifyReply): FastifyReply {
  const problem = problemFrom(error);
  if (problem.status === 503) reply.header('retry-after', '1');
  return reply.code(problem.status).type('application/json').send(bodyOf(problem));
}

/** What is not HTTP at all. */
function refuseGarbage(error: Error, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const problem = problemFrom(error);
  const body = bodyOf(problem);
  const head = [
    `HTTP/1.1 ${problem.status} Bad Request`,
    `Lastgood-Protocol: ${PROTOCOL_VERSION}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

async function endConnections({ connections }: Api): Promise<void> {
  const ended = [...connections].map((connection) => {
    connection.close();
    return connection.ended;
  });
  await endsWithin(Promise.all(ended), CLOSE_WITHIN_MS, systemClock);
}
