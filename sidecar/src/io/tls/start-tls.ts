import { once } from 'node:events';
import type { Socket } from 'node:net';

/**
 * How to ask a server that also speaks without TLS to start it. Each function resolves with undefined
 * when the handshake may begin, or with why it may not. Rejects if the connection fails.
 */
export const START_TLS = { postgres } as const;

export type StartTls = keyof typeof START_TLS;

/** Source: PostgreSQL documentation, Message Formats: SSLRequest; and SSL Session Encryption. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

async function postgres(socket: Socket): Promise<string | undefined> {
  socket.write(SSL_REQUEST);
  // At the end of the connection as well, and there is nothing to read then.
  await once(socket, 'readable');
  // Only the one byte: what follows belongs to the handshake.
  const answer = socket.read(1);
  if (String(answer) === 'S') return undefined;
  if (String(answer) === 'N') return 'the server does not offer TLS';
  return 'the server does not answer as PostgreSQL does';
}
