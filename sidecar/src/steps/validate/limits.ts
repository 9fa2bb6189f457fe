/** How long checks may take, in milliseconds. */
export interface Limits {
  /** In the main thread, where nothing else happens meanwhile. */
  readonly inlineMs: number;
  /** For a task in a thread of its own; one with large files has more, in proportion. */
  readonly taskMs: number;
  /** For all tasks of a snapshot. */
  readonly totalMs: number;
}

/** Even at a tenth of a CPU, nothing that is in earnest comes near these. */
export const LIMITS: Limits = { inlineMs: 1_000, taskMs: 20_000, totalMs: 120_000 };

/** So much more for each byte of a file: 100 s for 1 MiB. */
const MS_PER_BYTE = 0.1;

/** What a task may take in a thread, of what is left for all of them. Whole seconds, at least one. */
export function taskMsOf(sizeBytes: number, leftMs: number, { taskMs }: Limits): number {
  const ms = Math.min(taskMs + sizeBytes * MS_PER_BYTE, leftMs);
  return Math.max(1, Math.round(ms / 1_000)) * 1_000;
}
