import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls, { type ConnectionOptions, type TLSSocket } from 'node:tls';
import { withDeadline } from '../http/exchange.ts';
import { failureOf, type RequestFailure } from '../http/failure.ts';
import { createLookup } from '../http/lookup.ts';
import { START_TLS, type StartTls } from './start-tls.ts';

/** The certificates that a server presents, its own first; or why it presents none. */
export type ServedChain =
  | { readonly type: 'served'; readonly chain: readonly [X509Certificate, ...X509Certificate[]] }
  | RequestFailure;

export interface HandshakeOptions {
  readonly host: string;
  readonly port: number;
  /** Left out: the server chooses its certificate without a name. */
  readonly serverName?: string | undefined;
  readonly startTls?: StartTls | undefined;
  /** Signature algorithms as OpenSSL lists them, for a server with certificates of several kinds. */
  readonly signatures?: string | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A server that does not close its end as well is cut off after this. */
const CLOSING_MS = 1_000;

/** A longer chain is not read to its end. */
const MAX_CHAIN = 20;

/**
 * Nothing is trusted and nothing is sent, so any certificate, version and cipher will do. An empty list
 * of authorities keeps Node from loading its own.
 */
const ACCEPT_ANY: ConnectionOptions = {
  ca: [],
  rejectUnauthorized: false,
  minVersion: 'TLSv1',
  ciphers: 'DEFAULT:@SECLEVEL=0',
};

/** As PostgreSQL does, which takes the handshake for a message that it does not know. */
const CLOSED: RequestFailure = {
  type: 'fault',
  reason: 'the server closed the connection during the TLS handshake',
};

const lookup = createLookup();

/**
 * Connects to a server and shakes hands, without the session of an earlier handshake, in which a server
 * presents no certificate. Never rejects.
 */
export function readServedChain(options: HandshakeOptions): Promise<ServedChain> {
  const { host, port } = options;
  const socket = net.connect({ host, port, lookup });
  // An error between two waits must not end the process. The next wait reports it.
  socket.on('error', () => {});
  return withDeadline(shakeHands(socket, options), options, (reason) => {
    socket.destroy(new Error(reason));
    return false;
  });
}

async function shakeHands(socket: Socket, options: HandshakeOptions): Promise<ServedChain> {
  const { startTls } = options;
  try {
    await once(socket, 'connect');
    const reason = startTls && (await START_TLS[startTls](socket));
    if (reason === undefined) return await presented(socket, options);
    socket.destroy();
    return { type: 'fault', reason };
  } catch (error) {
    socket.destroy();
    return failureOf(error);
  }
}

function presented(
  socket: Socket,
  { serverName, signatures }: HandshakeOptions,
): Promise<ServedChain> {
  const { promise, resolve } = Promise.withResolvers<ServedChain>();
  const secure = tls.connect({
    ...ACCEPT_ANY,
    socket,
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(signatures === undefined ? {} : { sigalgs: signatures }),
  });
  let chain: readonly X509Certificate[] = [];
  const settle = (failure: RequestFailure) => {
    const [own, ...rest] = chain;
    resolve(own === undefined ? failure : { type: 'served', chain: [own, ...rest] });
  };
  const notServed = { type: 'fault', reason: 'the server presents no certificate' } as const;
  // Once there are keys, the certificate is there too: before a server asks for that of the client, and
  // ends the handshake for want of one, as in TLS 1.2. Not inside of the call from OpenSSL.
  secure.on('keylog', () =>
    queueMicrotask(() => {
      if (chain.length === 0) chain = chainOf(secure);
    }),
  );
  secure.on('secureConnect', () => {
    chain = chainOf(secure);
    settle(notServed);
    end(secure, socket);
  });
  secure.on('error', (error: NodeJS.ErrnoException) =>
    settle(error.code === 'ECONNRESET' ? CLOSED : failureOf(error)),
  );
  secure.on('close', () => settle(CLOSED));
  return promise;
}

function chainOf(secure: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = secure.getPeerX509Certificate();
  while (next !== undefined && chain.length < MAX_CHAIN) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

/** Takes leave of the server, which would otherwise log an error. */
function end(secure: TLSSocket, socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), CLOSING_MS);
  socket.once('close', () => clearTimeout(timer));
  secure.resume();
  secure.end();
}
