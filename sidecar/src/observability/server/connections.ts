import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';

/** Enough for probes, scrapers and people. With TLS, each of them takes about 100 KB. */
const MAX_CONNECTIONS = 64;

/** Requests of one connection that wait for a response: hardly any client sends a second one. */
const MAX_PIPELINED = 8;

/** Requests of all connections that wait: a client that does not read keeps its response in memory. */
const MAX_WAITING = 32;

/** Enough for a handshake, for a request without a body, and for a client to read some of a page. */
const PATIENCE_MS = 10_000;

/** Node looks only so often for requests that take too long. */
const LOOK_EVERY_MS = 2_000;

/** Longer than the usual interval of a scrape. */
const KEEP_ALIVE_MS = 72_000;

interface Connection {
  readonly address: string;
  readonly socket: Socket;
  /** Requests that wait for a response. */
  waiting: number;
}

export interface LimitedServer {
  readonly server: Server;
  /**
   * Closes all connections, also those whose TLS handshake goes on, which Node's `closeAllConnections` leaves. A
   * scraper that keeps its connection, or a client that sends nothing, would otherwise delay the shutdown.
   */
  closeNow(): Promise<void>;
}

/**
 * Creates the server of the pages. A client can take neither all memory nor all connections: beyond a
 * limit, a new connection replaces the one that was idle the longest, of the address that has the most.
 * So a probe gets its response while another pod holds all connections that it can.
 */
export function createLimitedServer(onRequest: RequestListener, https?: TlsOptions): LimitedServer {
  const connections = new ConnectionTable();
  const options = { connectionsCheckingInterval: LOOK_EVERY_MS };
  const listener: RequestListener = (request, response) => {
    const connection = connections.use(request.socket);
    // Node goes on with the requests that it has read, also after the connection is closed.
    if (connection === undefined || request.socket.destroyed) return;
    if (connection.waiting >= MAX_PIPELINED) return void connection.socket.destroy();
    connection.waiting += 1;
    response.once('close', () => (connection.waiting -= 1));
    connections.closeUnread();
    onRequest(request, response);
  };
  const server =
    https === undefined
      ? createServer(options, listener)
      : createSecureServer({ ...options, handshakeTimeout: PATIENCE_MS, ...https }, listener);
  server.on('connection', (socket: Socket) => connections.add(socket));
  server.requestTimeout = PATIENCE_MS;
  server.headersTimeout = PATIENCE_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.setTimeout(PATIENCE_MS);
  const closeNow = async () => {
    const closed = once(server, 'close');
    server.close();
    connections.closeAll();
    await closed;
  };
  return { server, closeNow };
}

/** Open connections, the one whose last request is the longest ago first. */
class ConnectionTable {
  /** By address and port, which a TLS socket has in common with the socket below it. */
  readonly #open = new Map<string, Connection>();

  add(socket: Socket): void {
    const { remoteAddress: address } = socket;
    // The client has closed it already.
    if (address === undefined) return void socket.destroy();
    const connection = { address, socket, waiting: 0 };
    const key = keyOf(socket);
    this.#open.set(key, connection);
    socket.once('close', () => {
      // Another connection may have the port by now.
      if (this.#open.get(key) === connection) this.#open.delete(key);
    });
    if (this.#open.size > MAX_CONNECTIONS) this.#close([...this.#open.values()]);
  }

  /** Returns the connection of a request, which is the newest now; undefined if it was closed. */
  use(socket: Socket): Connection | undefined {
    const key = keyOf(socket);
    const connection = this.#open.get(key);
    if (connection === undefined) return undefined;
    this.#open.delete(key);
    this.#open.set(key, connection);
    return connection;
  }

  closeUnread(): void {
    const waiting = [...this.#open.values()].filter((each) => each.waiting > 0);
    const count = waiting.reduce((sum, each) => sum + each.waiting, 0);
    if (count > MAX_WAITING) this.#close(waiting);
  }

  closeAll(): void {
    for (const { socket } of this.#open.values()) socket.destroy();
  }

  /** Closes the oldest connection of the address that has the most. */
  #close(connections: readonly Connection[]): void {
    const counts = new Map<string, number>();
    for (const { address } of connections) counts.set(address, (counts.get(address) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const oldest = connections.find(({ address }) => counts.get(address) === most);
    if (oldest === undefined) return;
    oldest.socket.destroy();
    this.#open.delete(keyOf(oldest.socket));
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
