import net from 'node:net';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { listening } from '../../../sidecar/src/io/http/server.testing.ts';

/** What a server answers: its status line says 200 unless the caller asks for another status. */
export interface UnusualAnswer {
  readonly status?: number;
  readonly body?: string;
}

/** The answer of a server, ready to be sent; `whole` is an ordinary one with its length. */
interface Parts {
  readonly status: number;
  readonly body: string;
  /** `HTTP/1.1 200 OK`, for example, and a line end. */
  readonly line: string;
  readonly length: string;
  readonly whole: string;
}

type Send = (socket: net.Socket, parts: Parts) => void | Promise<void>;

export interface UnusualServer {
  /** As in the table of docs/targets.md. */
  readonly title: string;
  readonly send: Send;
  /** Answers as soon as a client connects. */
  readonly isEarly?: true;
  /** The question is what the second of two requests gets. */
  readonly isRepeated?: true;
}

const END = '\r\n\r\n';
const GAP_MS = 20;

const write =
  (make: (parts: Parts) => string): Send =>
  (socket, parts) =>
    void socket.write(make(parts));
const close =
  (make: (parts: Parts) => string): Send =>
  (socket, parts) =>
    void socket.end(make(parts));

/** Ends with a reset, a moment after the bytes: it would overtake them. */
const reset =
  (make: (parts: Parts) => string): Send =>
  async (socket, parts) => {
    await new Promise((resolve) => socket.write(make(parts), resolve));
    await sleep(GAP_MS);
    socket.resetAndDestroy();
  };

const chunked = ({ line, body }: Parts, { end = '0\r\n\r\n', size = '' } = {}) => {
  const bytes = size === '' ? Buffer.byteLength(body).toString(16) : size;
  return `${line}Transfer-Encoding: chunked${END}${bytes}\r\n${body}\r\n${end}`;
};

const half = (text: string) => text.slice(0, text.length / 2);
const withHeader = (header: string) =>
  write(({ line, length, body }) => `${line}${header}\r\n${length}${END}${body}`);
const withLine = (make: (status: number) => string) =>
  write(({ status, length, body }) => `${make(status)}\r\n${length}${END}${body}`);

const late: Send = async (socket, { line, length, body }) => {
  socket.write(`${line}${length}${END}`);
  await sleep(150);
  socket.write(body);
};

const trickle: Send = async (socket, { whole }) => {
  for (const letter of whole) {
    if (socket.destroyed) return;
    socket.write(letter);
    // The client reads each of them: longer pauses would add up on a busy machine.
    await nextTurn();
  }
};

const endless: Send = async (socket, { line, body }) => {
  socket.write(`${line}${END.slice(2)}${body}`);
  const part = Buffer.alloc(512 * 1024, ' ');
  while (!socket.destroyed) {
    const isFull = !socket.write(part);
    await (isFull ? Promise.race([once(socket, 'drain'), once(socket, 'close')]) : sleep(1));
  }
};

function once(socket: net.Socket, event: string): Promise<void> {
  return new Promise((resolve) => void socket.once(event, () => resolve()));
}

const compressed: Send = (socket, { line, body }) => {
  const bytes = gzipSync(body);
  socket.write(`${line}Content-Encoding: gzip\r\nContent-Length: ${bytes.length}${END}`);
  socket.write(bytes);
};

const server = (title: string, send: Send, more: Partial<UnusualServer> = {}): UnusualServer => ({
  title,
  send,
  ...more,
});

/** Servers as people write them, and as they fail. Each gets requests of one client. */
export const UNUSUAL_SERVERS: readonly UnusualServer[] = [
  server(
    'an ordinary answer',
    write(({ whole }) => whole),
  ),
  server(
    'no length, connection kept open',
    write(({ line, body }) => `${line}\r\n${body}`),
  ),
  server(
    'no length, no body, connection kept open',
    write(({ line }) => `${line}\r\n`),
  ),
  server(
    'no length, closes',
    close(({ line, body }) => `${line}\r\n${body}`),
  ),
  server(
    'HTTP/1.0, closes',
    close(({ status, body }) => `HTTP/1.0 ${status} OK${END}${body}`),
  ),
  server(
    'HTTP/1.0, connection kept open',
    write(({ status, body }) => `HTTP/1.0 ${status} OK${END}${body}`),
  ),
  server(
    'lines end with LF alone',
    write(({ whole }) => whole.replaceAll('\r\n', '\n')),
  ),
  server(
    'LF alone, no length, closes',
    close(({ line, body }) => `${line.trim()}\n\n${body}`),
  ),
  server(
    'closes before the status',
    close(() => ''),
  ),
  server(
    'closes within the status line',
    close(() => 'HTTP/1.1 2'),
  ),
  server(
    'closes within the headers',
    close(({ line }) => `${line}Content-Ty`),
  ),
  server(
    'closes after the headers',
    close(({ line, length }) => `${line}${length}${END}`),
  ),
  server(
    'closes within the body',
    close(({ line, length, body }) => `${line}${length}${END}${half(body)}`),
  ),
  server(
    'resets within the body',
    reset(({ line, length, body }) => `${line}${length}${END}${half(body)}`),
  ),
  server(
    'resets after the answer',
    reset(({ whole }) => whole),
  ),
  server(
    'closes after the answer, without `Connection: close`',
    close(({ whole }) => whole),
  ),
  server('body comes 150 ms late', late),
  server('one byte at a time', trickle),
  server('endless body', endless),
  server(
    '100 before the answer',
    write(({ whole }) => `HTTP/1.1 100 Continue${END}${whole}`),
  ),
  server(
    '103 before the answer',
    write(({ whole }) => `HTTP/1.1 103 Early Hints\r\nLink: </a>${END}${whole}`),
  ),
  server(
    'chunked',
    write((parts) => chunked(parts)),
  ),
  server(
    'chunked, with trailers',
    write((parts) => chunked(parts, { end: '0\r\nX-Sum: 1\r\n\r\n' })),
  ),
  server(
    'chunked, lines end with LF alone',
    write((parts) => chunked(parts).replaceAll('\r\n', '\n')),
  ),
  server(
    'chunked, with an extension',
    write((parts) => chunked(parts).replace(/([0-9a-f]+)(?=\r\n\{)/, '$1;a=b')),
  ),
  server(
    'chunked, space after the size',
    write((parts) => chunked(parts).replace(/([0-9a-f]+)(?=\r\n\{)/, '$1 ')),
  ),
  server(
    'chunked, size is not a number',
    write((parts) => chunked(parts, { size: 'zz' })),
  ),
  server(
    'chunked, last chunk missing, closes',
    close((parts) => chunked(parts, { end: '' })),
  ),
  server(
    'chunked, last chunk missing, kept open',
    write((parts) => chunked(parts, { end: '' })),
  ),
  server(
    'chunked, and a Content-Length',
    write((parts) => chunked(parts).replace(/(?=Transfer)/, 'Content-Length: 3\r\n')),
  ),
  server('`Transfer-Encoding: identity`', withHeader('Transfer-Encoding: identity')),
  server('gzip that was not asked for', compressed),
  server(
    '204 with a body',
    write(({ length, body }) => `HTTP/1.1 204 No Content\r\n${length}${END}${body}`),
  ),
  server(
    '304 with a body',
    write(({ length, body }) => `HTTP/1.1 304 Not Modified\r\n${length}${END}${body}`),
  ),
  server(
    '302 with a body',
    write(({ length, body }) => `HTTP/1.1 302 Found\r\nLocation: /b\r\n${length}${END}${body}`),
  ),
  server(
    'more bytes than Content-Length',
    write(({ whole }) => `${whole}more`),
  ),
  server(
    'Content-Length twice, the same',
    write(({ line, length, body }) => `${line}${length}\r\n${length}${END}${body}`),
  ),
  server(
    'Content-Length twice, different',
    write(({ line, length, body }) => `${line}Content-Length: 3\r\n${length}${END}${body}`),
  ),
  server(
    'Content-Length twice in one line',
    write(({ line, length, body }) => `${line}${length}, ${length.slice(16)}${END}${body}`),
  ),
  server(
    'Content-Length is not a number',
    write(({ line, body }) => `${line}Content-Length: x${END}${body}`),
  ),
  server(
    'Content-Length is empty',
    write(({ line, body }) => `${line}Content-Length:${END}${body}`),
  ),
  server(
    '64 KiB of headers',
    withHeader(Array.from({ length: 64 }, (_, i) => `X-${i}: ${'x'.repeat(1015)}`).join('\r\n')),
  ),
  server('a header of 64 KiB', withHeader(`X-A: ${'x'.repeat(65_536)}`)),
  server(
    '900 KiB of headers',
    withHeader(Array.from({ length: 900 }, (_, i) => `X-${i}: ${'x'.repeat(1015)}`).join('\r\n')),
  ),
  server(
    '3,000 headers',
    withHeader(Array.from({ length: 3000 }, (_, i) => `X-${i}: x`).join('\r\n')),
  ),
  server(
    'no reason in the status line',
    withLine((status) => `HTTP/1.1 ${status}`),
  ),
  server(
    'two spaces in the status line',
    withLine((status) => `HTTP/1.1  ${status} OK`),
  ),
  server(
    'UTF-8 in the status line',
    withLine((status) => `HTTP/1.1 ${status} gö`),
  ),
  server(
    'lower-case status line',
    withLine((status) => `http/1.1 ${status} ok`),
  ),
  server(
    'HTTP/2.0 in the status line',
    withLine((status) => `HTTP/2.0 ${status} OK`),
  ),
  server(
    'HTTP/1.7 in the status line',
    withLine((status) => `HTTP/1.7 ${status} OK`),
  ),
  server(
    'HTTP/2 in the status line',
    withLine((status) => `HTTP/2 ${status} OK`),
  ),
  server(
    'ICY in the status line',
    withLine((status) => `ICY ${status} OK`),
  ),
  server(
    'empty line before the status line',
    write(({ whole }) => `\r\n${whole}`),
  ),
  server(
    'status of four digits',
    withLine((status) => `HTTP/1.1 ${status}0 OK`),
  ),
  server('space before the colon of a header', withHeader('X-A : 1')),
  server('space within the name of a header', withHeader('X A: 1')),
  server('header without a colon', withHeader('Hello')),
  server('header without a name', withHeader(': x')),
  server('header folded over two lines', withHeader('X-A: 1\r\n  2')),
  server('UTF-8 in a header', withHeader('X-A: gö')),
  server('control character in a header', withHeader('X-A: a\u0001b')),
  server('NUL in a header', withHeader('X-A: a\u0000b')),
  server('carriage return in a header', withHeader('X-A: a\rb')),
  server('first header begins with a space', withHeader(' X-A: 1')),
  server(
    '`Connection: keep-alive` and closes',
    close(({ line, length, body }) => `${line}Connection: keep-alive\r\n${length}${END}${body}`),
  ),
  server('`Upgrade` in the answer', withHeader('Connection: upgrade\r\nUpgrade: h2c')),
  server(
    'answers before it reads the request',
    write(({ whole }) => whole),
    { isEarly: true },
  ),
  server(
    'answers and closes before it reads the request',
    close(({ whole }) => whole),
    { isEarly: true },
  ),
  server('closes a kept connection when it is used again', closesWhenUsedAgain(), {
    isRepeated: true,
  }),
  server('closes a kept connection after the answer', closesIdle(), { isRepeated: true }),
  server(
    'sends two answers to one request',
    write(({ whole }) => whole + whole),
    { isRepeated: true },
  ),
  server(
    'sends a body after 204',
    write(({ body }) => `HTTP/1.1 204 No Content${END}${body}`),
    { isRepeated: true },
  ),
];

function closesWhenUsedAgain(): Send {
  const used = new WeakSet<net.Socket>();
  return (socket, { whole }) => {
    if (used.has(socket)) return void socket.destroy();
    used.add(socket);
    socket.write(whole);
  };
}

function closesIdle(): Send {
  return async (socket, { whole }) => {
    socket.write(whole);
    await sleep(GAP_MS);
    socket.end();
  };
}

/** Starts a server at a port of 127.0.0.1 until the test is over. Returns its URL. */
export async function startUnusual(
  t: TestContext,
  { send, isEarly }: UnusualServer,
  { status = 200, body = '{"version":"none"}' }: UnusualAnswer = {},
): Promise<string> {
  const line = `HTTP/1.1 ${status} OK\r\n`;
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  const parts = { status, body, line, length, whole: `${line}${length}${END}${body}` };
  const app = net.createServer({ pauseOnConnect: isEarly === true }, (socket) => {
    // The client may reset the connection at any moment.
    socket.on('error', () => {});
    if (isEarly) return void send(socket, parts);
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      if (!isWholeRequest(received)) return;
      received = '';
      void send(socket, parts);
    });
  });
  await listening(t, app);
  return `http://127.0.0.1:${(app.address() as net.AddressInfo).port}/`;
}

function isWholeRequest(received: string): boolean {
  const end = received.indexOf(END);
  const length = Number(/^content-length: (\d+)/im.exec(received)?.[1] ?? 0);
  return end !== -1 && received.length >= end + END.length + length;
}
