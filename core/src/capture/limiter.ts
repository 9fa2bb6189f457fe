import type { FsAdapter } from '../fs/fs-adapter.ts';

/** The calls that reading needs. */
export type ReadFs = Pick<
  FsAdapter,
  'open' | 'fstat' | 'read' | 'close' | 'lstat' | 'readdir' | 'readlink' | 'realpath'
>;

/** Lets so many file system calls through at a time, and none any more once it is shut. */
export interface Limiter {
  /** Rejects with `LimiterClosed` if the limiter is closed before the call could begin. */
  run<T>(path: string, call: () => Promise<T>): Promise<T>;
  /** What is under way cannot be called back; nothing else will begin. */
  close(): void;
  /** Of the calls that have not come back, the path of the oldest. */
  waitingFor(): string | undefined;
}

export class LimiterClosed extends Error {}

/**
 * A call to a file system that hangs never returns, and holds a thread of libuv's pool (which has 4)
 * for as long. So the gate bounds how many threads one bundle can lose.
 */
export function createLimiter(maxInFlight: number): Limiter {
  const inFlight = new Map<symbol, string>();
  const waiting: PromiseWithResolvers<void>[] = [];
  let free = maxInFlight;
  let isShut = false;
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next.resolve();
  };
  return {
    async run(path, call) {
      if (isShut) throw new LimiterClosed();
      if (free > 0) free -= 1;
      else await turnIn(waiting);
      const ticket = Symbol();
      inFlight.set(ticket, path);
      try {
        return await call();
      } finally {
        inFlight.delete(ticket);
        leave();
      }
    },
    close() {
      isShut = true;
      for (const { reject } of waiting.splice(0)) reject(new LimiterClosed());
    },
    waitingFor: () => inFlight.values().next().value,
  };
}

function turnIn(waiting: PromiseWithResolvers<void>[]): Promise<void> {
  const turn = Promise.withResolvers<void>();
  waiting.push(turn);
  return turn.promise;
}

/** The same calls, through a gate. Closing is free: it must go on when the gate is shut. */
export function limitCalls(calls: FsAdapter, gate: Limiter): ReadFs {
  const paths = new Map<number, string>();
  const pathOf = (fd: number) => paths.get(fd) ?? '';
  return {
    open: async (path, flags, mode) => {
      const fd = await gate.run(path, () => calls.open(path, flags, mode));
      paths.set(fd, path);
      return fd;
    },
    fstat: (fd) => gate.run(pathOf(fd), () => calls.fstat(fd)),
    read: (fd, into, offset, length, position) =>
      gate.run(pathOf(fd), () => calls.read(fd, into, offset, length, position)),
    close: (fd) => {
      paths.delete(fd);
      calls.close(fd);
    },
    lstat: (path) => gate.run(path, () => calls.lstat(path)),
    readdir: (path) => gate.run(path, () => calls.readdir(path)),
    readlink: (path) => gate.run(path, () => calls.readlink(path)),
    realpath: (path) => gate.run(path, () => calls.realpath(path)),
  };
}
