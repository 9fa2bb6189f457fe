import { once } from 'node:events';
import { lstat } from 'node:fs/promises';
import { createServer, type Server, type ServerOpts } from 'node:net';
import { reasonOf } from '@lastgood/core/model/error.ts';
import { listenAt, type SocketSettings } from './unix-socket.ts';

export interface RestoreOptions {
  /** The options of the server for its connections. */
  readonly sockets: ServerOpts;
  readonly backlog: number;
  readonly everyMs: number;
  /** Once for several failures in a row. */
  readonly onError: (error: unknown) => void;
}

/**
 * Makes the socket of a server again if it was deleted, as by a script of the app that clears the directory:
 * no new process would find the sidecar. What is connected stays so. Returns a function that ends this and
 * removes the socket.
 */
export function restoreSocket(
  server: Server,
  settings: SocketSettings,
  { sockets, backlog, everyMs, onError }: RestoreOptions,
): () => Promise<void> {
  let current: { readonly server: Server; readonly remove: () => Promise<void> } | undefined;
  let isFailing = false;
  const restore = async () => {
    if (!(await isGone(settings.path))) return;
    // A server can listen only once.
    const next = createServer(sockets, (socket) => server.emit('connection', socket));
    try {
      const listen = (path: string) => once(next.listen({ path, backlog }), 'listening');
      const remove = await listenAt(settings, listen);
      next.on('error', onError);
      current?.server.close();
      current = { server: next, remove };
    } catch (error) {
      next.close();
      throw error;
    }
  };
  const attempt = async () => {
    try {
      await restore();
      isFailing = false;
    } catch (error) {
      if (!isFailing) onError(error);
      isFailing = true;
    }
  };
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= attempt().finally(() => {
      running = undefined;
    });
  }, everyMs).unref();
  return async () => {
    clearInterval(timer);
    await running;
    await current?.remove();
    current?.server.close();
  };
}

async function isGone(path: string): Promise<boolean> {
  return lstat(path).then(
    () => false,
    (error) => reasonOf(error) === 'ENOENT',
  );
}
