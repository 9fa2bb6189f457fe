import { totalmem } from 'node:os';

/** Memory that a laptop or a CI job has, and the container of a sidecar does not. */
const LARGE_MEMORY_BYTES = 2 ** 30;

/**
 * Restarts the process without the heap limit that the first line of `main.ts` sets for a sidecar:
 * all ConfigMaps of a cluster do not fit into it. Does nothing on a small machine, where the app in
 * the same pod could be killed for the memory taken here (P9).
 */
export function restartWithoutHeapLimit(): void {
  const isLimited = process.execArgv.some((flag) => flag.startsWith('--max-old-space-size'));
  if (!isLimited || (process.constrainedMemory() || totalmem()) < LARGE_MEMORY_BYTES) return;
  const flags = process.execArgv.filter((flag) => flag === '--disable-sigusr1');
  const argv = [process.execPath, ...flags, ...process.argv.slice(1)];
  process.execve?.(process.execPath, argv, process.env);
}

/**
 * Returns a function that runs a full garbage collection. Node itself runs one only when memory is
 * short: a sidecar that is idle for days would keep the 6 MB that its start and last rollout used.
 */
export async function createCompactor(): Promise<() => void> {
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([
    import('node:v8'),
    import('node:vm'),
  ]);
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as typeof globalThis.gc;
  setFlagsFromString('--no-expose-gc');
  return () => gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
