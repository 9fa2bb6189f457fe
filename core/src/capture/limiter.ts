import type { FsAdapter } from '../fs/fs-adapter.ts';

/** The calls that reading needs. */
export type ReadFs = Pick<
  FsAdapter,
  'open' | 'fstat' | 'read' | 'close' | 'lstat' | 'readdir' | 'readlink' | 'realpath'
>;

export class LimiterClosed extends Error {}

/** Bounds the file system calls of a bundle. */
export type Limiter = ReturnType<typeof createLimiter>;

/**
 * Bounds the file system calls at a time, and allows none once it is closed. A call to a file system
 * that hangs does not return, and occupies one of the 4 threads of libuv's pool. So the limiter bounds
 * the threads that a bundle can lose.
 */
export function createLimiter(maxInFlight: number) {
  const inFlight = new Map<symbol, string>();
  const waiting: PromiseWithResolvers<void>[] = [];
  let free = maxInFlight;
  let isClosed = false;
  return {
    /** Rejects with `LimiterClosed` if the limiter is closed before the call can start. */
    async run<T>(path: string, call: () => Promise<T>): Promise<T> {
      if (isClosed) throw new LimiterClosed();
      if (free > 0) free -= 1;
      else {
        const turn = Promise.withResolvers<void>();
        waiting.push(turn);
        await turn.promise;
      }
      const ticket = Symbol();
      inFlight.set(ticket, path);
      try {
        return await call();
      } finally {
        inFlight.delete(ticket);
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next.resolve();
      }
    },
    /** Running calls cannot be cancelled; no other call will start. */
    close(): void {
      isClosed = true;
      for (const { reject } of waiting.splice(0)) reject(new LimiterClosed());
    },
    /** The path of the oldest call that has not returned. */
    waitingFor: (): string | undefined => inFlight.values().next().value,
  };
}

/** Sends the calls through a limiter, except `close`, which must work when the limiter is closed. */
export function limitCalls(fs: FsAdapter, limiter: Limiter): ReadFs {
  const paths = new Map<number, string>();
  const pathOf = (fd: number) => paths.get(fd) ?? '';
  return {
    open: async (path, flags, mode) => {
      const fd = await limiter.run(path, () => fs.open(path, flags, mode));
      paths.set(fd, path);
      return fd;
    },
    fstat: (fd) => limiter.run(pathOf(fd), () => fs.fstat(fd)),
    read: (fd, into, offset, length, position) =>
      limiter.run(pathOf(fd), () => fs.read(fd, into, offset, length, position)),
    close: (fd) => {
      paths.delete(fd);
      fs.close(fd);
    },
    lstat: (path) => limiter.run(path, () => fs.lstat(path)),
    readdir: (path, onEntry) => limiter.run(path, () => fs.readdir(path, onEntry)),
    readlink: (path) => limiter.run(path, () => fs.readlink(path)),
    realpath: (path) => limiter.run(path, () => fs.realpath(path)),
  };
}
