/** Time limits of checks, in milliseconds. */
export interface Limits {
  /** In the main thread, which is blocked meanwhile. */
  readonly inlineMs: number;
  /** For a task in a worker thread; tasks with large files get more, in proportion. */
  readonly taskMs: number;
  /** For all tasks of a snapshot. */
  readonly totalMs: number;
}

/** Far above what real checks take, even at a tenth of a CPU. */
export const LIMITS: Limits = { inlineMs: 1_000, taskMs: 20_000, totalMs: 120_000 };

/** Additional time for each byte of a file: 100 s for 1 MiB. */
const MS_PER_BYTE = 0.1;

/** The limit of a task in a worker thread, within the rest for all tasks. Whole seconds, at least one. */
export function taskMsOf(sizeBytes: number, leftMs: number, { taskMs }: Limits): number {
  const ms = Math.min(taskMs + sizeBytes * MS_PER_BYTE, leftMs);
  return Math.max(1, Math.round(ms / 1_000)) * 1_000;
}
