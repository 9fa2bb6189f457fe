/** Waits between attempts: each is twice as long as the one before. */
export interface BackoffSettings {
  /** After the first failure. */
  readonly backoffMs: number;
  /** No wait is longer. */
  readonly maxMs: number;
}

/** Of what no setting covers: a capture, a publish, the journal. */
export const OWN_BACKOFF: BackoffSettings = { backoffMs: 1_000, maxMs: 30_000 };

/** The wait after this many failures in a row, at least 1. */
export function backoff(failures: number, { backoffMs, maxMs }: BackoffSettings): number {
  return Math.min(backoffMs * 2 ** (failures - 1), maxMs);
}

/**
 * Spreads a wait over its upper half, so that the pods of a fleet do not retry in step. `random` is at
 * least 0 and less than 1; with 0 the wait is the shortest.
 */
export function addJitter(ms: number, random: number): number {
  return ms * (0.5 + random / 2);
}
