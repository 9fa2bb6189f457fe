import { once } from 'node:events';
import net from 'node:net';
import { DEADLINE_MS } from '../../deadline.ts';

/** Protocol 3.0. Source: PostgreSQL documentation, Message Formats. */
const PROTOCOL = 196_608;

/** A connection as the user `postgres`, to a server that trusts it. */
interface Session {
  /** The first column of the first row, as text; rejects with what the server says. */
  ask(query: string): Promise<string>;
  end(): void;
}

/** Connects, or rejects: no process listens, or the server refuses. */
export async function connect(port: number): Promise<Session> {
  const socket = net.connect(port, '127.0.0.1');
  socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error('timeout')));
  const next = reader(socket);
  await once(socket, 'connect');
  socket.write(startup());
  await upToReady(next);
  return {
    ask: async (query) => {
      socket.write(message('Q', `${query}\0`));
      return upToReady(next);
    },
    end: () => socket.end(message('X', '')),
  };
}

/** The answer to one query, over a separate connection. */
export async function askOnce(port: number, query: string): Promise<string> {
  const session = await connect(port);
  try {
    return await session.ask(query);
  } finally {
    session.end();
  }
}

function startup(): Buffer {
  const body = Buffer.from('user\0postgres\0database\0postgres\0\0');
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(PROTOCOL, 4);
  return Buffer.concat([head, body]);
}

function message(type: string, text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

/** Up to ReadyForQuery; a DataRow is the answer, and an ErrorResponse the end. */
async function upToReady(next: () => Promise<Message>): Promise<string> {
  let answer = '';
  for (;;) {
    const { type, body } = await next();
    if (type === 'E') throw new Error(body.toString('utf8').replaceAll('\0', ' '));
    if (type === 'D') answer = body.subarray(6, 6 + body.readInt32BE(2)).toString('utf8');
    if (type === 'Z') return answer;
  }
}

function reader(socket: net.Socket): () => Promise<Message> {
  let buffer = Buffer.alloc(0);
  let failure: Error | undefined;
  let wake = () => {};
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    wake();
  });
  const ended = (error?: Error) => {
    failure ??= error ?? new Error('the server has closed the connection');
    wake();
  };
  socket.on('error', ended);
  socket.on('close', () => ended());
  return async () => {
    for (;;) {
      const size = buffer.length < 5 ? Number.POSITIVE_INFINITY : buffer.readInt32BE(1) + 1;
      if (buffer.length >= size) {
        const found = { type: String.fromCharCode(buffer[0] ?? 0), body: buffer.subarray(5, size) };
        buffer = buffer.subarray(size);
        return found;
      }
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}
