import type http from 'node:http';
import type { Socket } from 'node:net';
import { setTimeoutAfterReads } from '@lastgood/core/model/clock.ts';

/** How long an answer may still arrive. It is mostly there already, and only not read yet. */
const WAIT_MS = 100;

/** Sends a request when its connection is read: the app may answer before it has read all of it. */
export function sendOnceReading(outgoing: http.ClientRequest, body: string | undefined): void {
  const send = () => void outgoing.end(body);
  outgoing.once('socket', (socket) => {
    // Node starts to read when the listeners of `connect` have run.
    if (socket.connecting) socket.once('connect', () => process.nextTick(send));
    else send();
  });
}

/**
 * Reads on for a moment after a write has failed. An app that answers and closes before it has read the
 * whole request resets the connection, and Node would drop the answer. Source: Go's
 * `net/http/transport.go`, which waits for 50 ms.
 */
export function keepEarlyAnswer(socket: Socket): void {
  const destroy = socket.destroy.bind(socket);
  const push = socket.push.bind(socket);
  socket.destroy = (error) => {
    if (!isClosedByApp(error)) return destroy(error);
    setTimeoutAfterReads(() => destroy(error), WAIT_MS);
    return socket;
  };
  socket.push = (chunk: Buffer | null) => {
    // A stream with an error drops what it reads.
    if (chunk === null || socket.errored === null || socket.destroyed) return push(chunk);
    return socket.emit('data', chunk);
  };
}

/** Whether a write has failed since the app has closed the connection. Node passes null as well. */
function isClosedByApp(error: NodeJS.ErrnoException | null | undefined): boolean {
  return error?.syscall === 'write' && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}
