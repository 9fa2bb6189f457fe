import type { Calls } from '../fs/fs-adapter.ts';

/** The calls that reading needs. */
export type ReadCalls = Pick<
  Calls,
  'open' | 'fstat' | 'read' | 'close' | 'lstat' | 'readdir' | 'readlink' | 'realpath'
>;

/** Lets so many file system calls through at a time, and none any more once it is shut. */
export interface Gate {
  /** Rejects with `GateShut` if the gate is shut before the call could begin. */
  pass<T>(path: string, call: () => Promise<T>): Promise<T>;
  /** What is under way cannot be called back; nothing else will begin. */
  shut(): void;
  /** Of the calls that have not come back, the path of the oldest. */
  waitingFor(): string | undefined;
}

export class GateShut extends Error {}

/**
 * A call to a file system that hangs never returns, and holds a thread of libuv's pool (which has 4)
 * for as long. So the gate bounds how many threads one bundle can lose.
 */
export function createGate(maxInFlight: number): Gate {
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
    async pass(path, call) {
      if (isShut) throw new GateShut();
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
    shut() {
      isShut = true;
      for (const { reject } of waiting.splice(0)) reject(new GateShut());
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
export function gated(calls: Calls, gate: Gate): ReadCalls {
  const paths = new Map<number, string>();
  const pathOf = (fd: number) => paths.get(fd) ?? '';
  return {
    open: async (path, flags, mode) => {
      const fd = await gate.pass(path, () => calls.open(path, flags, mode));
      paths.set(fd, path);
      return fd;
    },
    fstat: (fd) => gate.pass(pathOf(fd), () => calls.fstat(fd)),
    read: (fd, into, offset, length, position) =>
      gate.pass(pathOf(fd), () => calls.read(fd, into, offset, length, position)),
    close: (fd) => {
      paths.delete(fd);
      calls.close(fd);
    },
    lstat: (path) => gate.pass(path, () => calls.lstat(path)),
    readdir: (path) => gate.pass(path, () => calls.readdir(path)),
    readlink: (path) => gate.pass(path, () => calls.readlink(path)),
    realpath: (path) => gate.pass(path, () => calls.realpath(path)),
  };
}
