import type { BigIntStats } from 'node:fs';
import { mapConcurrent } from '../fs/map-concurrent.ts';
import type { ReadFs } from './limiter.ts';
import { ChangedDuringRead, LANES, type ReadAttempt } from './read-attempt.ts';

/** How a file, directory or link looked when it was read, to detect at the end whether it changed. */
export interface StatFingerprint {
  readonly text: string;
  readonly mtimeMs: number;
  /** The real path of a link's target. */
  readonly leadsTo: string | undefined;
}

/** By the path on disk. */
export type StatFingerprints = Map<string, StatFingerprint>;

/**
 * Within this time another write may leave the same timestamp: file systems use a clock that ticks
 * every 1 to 10 ms. Source: Linux, current_time() and CONFIG_HZ.
 */
const FRESH_MS = 25;

/**
 * A file that is written in place is complete only when its writer is done, and one of several files
 * that are renamed into place must not be captured without the next. So a file must be this old. A
 * little less than the idle time of the source, after which no capture has to wait.
 */
const STILL_MS = 80;

/**
 * Records how something looks, before its content is read. Throws `ChangedDuringRead` if it looked
 * different before, or if it changed so recently that another change may follow or may not show.
 */
export function recordFingerprint(
  fingerprints: StatFingerprints,
  path: string,
  stats: BigIntStats,
  attempt: ReadAttempt,
  leadsTo?: string,
): void {
  const text = formatStats(stats);
  const before = fingerprints.get(path);
  if (before !== undefined && before.text !== text) throw new ChangedDuringRead(path);
  const ageMs = attempt.beganAtMs - Number(stats.ctimeNs) / 1e6;
  const stillMs = stats.isFile() ? STILL_MS : FRESH_MS;
  // A time in the future comes from another machine's clock: waiting for it could take years.
  if (ageMs < stillMs && ageMs > -stillMs) throw new ChangedDuringRead(path);
  fingerprints.set(path, { text, mtimeMs: Number(stats.mtimeMs), leadsTo });
}

/** Throws `ChangedDuringRead` if anything looks different now; rejects with the system's error. */
export async function verifyFingerprints(
  fingerprints: StatFingerprints,
  fs: ReadFs,
): Promise<void> {
  await mapConcurrent([...fingerprints], LANES, async ([path, before]) => {
    if (formatStats(await fs.lstat(path)) !== before.text) throw new ChangedDuringRead(path);
    if (before.leadsTo === undefined) return;
    if ((await fs.realpath(path)) !== before.leadsTo) throw new ChangedDuringRead(path);
  });
}

function formatStats({ dev, ino, mode, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, mode, size, mtimeNs, ctimeNs].join(' ');
}
