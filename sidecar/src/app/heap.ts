import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Memory } from '../io/process/container-memory.ts';
import { findSmallReads } from '../io/process/small-reads.ts';

/** Memory that a laptop or a CI job has, and the container of a sidecar does not. */
const LARGE_MEMORY_BYTES = 2 ** 30;

const MIB = 2 ** 20;

/** What a command leaves to the sidecar, which may have something to roll out, and to a command that is refused. */
const RESERVE_MIB = 8;

/** What a check of a small file takes after the start, and how much of that is not heap. */
const CHECK_MIB = 10;
const BESIDE_HEAP_MIB = 3;

/** What reading the program takes, on top of Node. */
const LOAD_MIB = 18;

/** A smaller difference is not worth another start. */
const CLOSE_MIB = 4;

/**
 * Before the program is read: a finding if a command in the container of a sidecar has no room, or if
 * another one runs there. Two that look at the same time would take the same room.
 */
export async function findRoom(given?: Memory): Promise<Finding | undefined> {
  const memory = given ?? (await import('../io/process/container-memory.ts')).memoryNow();
  if (memory.limitBytes >= LARGE_MEMORY_BYTES || isFirstProcess()) return undefined;
  const { lockContainer } = await import('../io/process/lock-container.ts');
  if (!(await lockContainer('lastgood command'))) return findingOf('LG_USAGE_BUSY');
  return lackOf(memory, RESERVE_MIB + LOAD_MIB);
}

/** The first process of a container, or Node started by it, shares the memory with no sidecar. */
function isFirstProcess(): boolean {
  return process.pid === 1 || process.ppid === 1;
}

function lackOf({ limitBytes, heldBytes }: Memory, needMib: number): Finding | undefined {
  const leftMib = Math.floor((limitBytes - heldBytes) / MIB);
  if (leftMib >= needMib) return undefined;
  return findingOf('LG_USAGE_MEMORY', [Math.max(0, leftMib)]);
}

/**
 * Gives a command the memory that it may have. On a large machine it restarts without the heap limit that
 * the first line of `main.ts` sets for a sidecar: all ConfigMaps of a cluster do not fit into it. On a
 * small one, which may be the container of a running sidecar, it restarts with a limit that leaves room
 * for the sidecar (P9). Returns a finding if there is too little memory for any command.
 */
export async function fitHeap(given?: Memory): Promise<Finding | undefined> {
  const memory = given ?? (await import('../io/process/container-memory.ts')).memoryNow();
  if (memory.limitBytes >= LARGE_MEMORY_BYTES) return restartWithoutHeapLimit();
  if (isFirstProcess()) return undefined;
  const lack = lackOf(memory, RESERVE_MIB + CHECK_MIB);
  if (lack !== undefined) return lack;
  const leftMib = (memory.limitBytes - memory.heldBytes) / MIB;
  const startedMib = process.memoryUsage().heapUsed / MIB;
  const heapMib = Math.floor(startedMib + leftMib - RESERVE_MIB - BESIDE_HEAP_MIB);
  const flag = '--max-old-space-size=';
  const limit = process.execArgv.find((each) => each.startsWith(flag))?.slice(flag.length);
  if (Number(limit ?? Infinity) <= heapMib + CLOSE_MIB) return undefined;
  restart([`${flag}${heapMib}`, '--max-semi-space-size=1']);
  return undefined;
}

function restartWithoutHeapLimit(): undefined {
  if (process.execArgv.some((flag) => flag.startsWith('--max-old-space-size'))) restart([]);
}

/** Replaces the process. Does nothing where the system cannot. */
function restart(heapFlags: readonly string[]): void {
  const flags = process.execArgv.filter((flag) => flag === '--disable-sigusr1');
  const argv = [process.execPath, ...flags, ...heapFlags, ...process.argv.slice(1)];
  // Without it, the kernel would read Node ahead again, in the memory that the sidecar needs.
  const library = findSmallReads();
  const preload = library === undefined ? {} : { LD_PRELOAD: library };
  process.execve?.(process.execPath, argv, { ...process.env, ...preload });
}

/**
 * Returns a function that runs a full garbage collection. Node itself runs one only when memory is
 * short: a sidecar that is idle for days would keep the 6 MB that its start and last rollout used.
 */
export function createCompactor(): () => void {
  let gc: typeof globalThis.gc;
  return () => {
    gc ??= exposeGc();
    gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  };
}

/** Makes another context, which takes 3 ms: not at the start. */
function exposeGc(): typeof globalThis.gc {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as typeof globalThis.gc;
  setFlagsFromString('--no-expose-gc');
  return gc;
}
