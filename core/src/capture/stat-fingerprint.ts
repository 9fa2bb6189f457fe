import type { BigIntStats } from 'node:fs';
import { mapConcurrent } from '../fs/map-concurrent.ts';
import type { ReadFs } from './limiter.ts';
import { ChangedDuringRead, LANES, type ReadAttempt } from './read-attempt.ts';

/** How a file, directory or link looked when it was read, to tell at the end whether it changed. */
export interface StatFingerprint {
  readonly text: string;
  readonly mtimeMs: number;
  /** Of a link: where it really led. */
  readonly leadsTo: string | undefined;
}

/** By the path on disk. */
export type StatFingerprints = Map<string, StatFingerprint>;

/**
 * A time this close to now may not change when the file is written once more: file systems take it
 * from a clock that ticks each 1 to 10 ms. Source: Linux, current_time() and CONFIG_HZ.
 */
const FRESH_MS = 25;

/**
 * A file that is written in place is whole only when its writer is done, and a pause of it must not be
 * taken for that; nor may one of several files that are renamed into place one after the other be
 * captured without the next. A little less than the source's quiet, after which nothing has to wait.
 */
const STILL_MS = 80;

/**
 * Keeps how something looked, before what it holds is read. Throws `ChangedDuringRead` if it looked otherwise
 * before, or changed so shortly ago that a further change might not show or is to be expected.
 */
export function recordFingerprint(
  stamps: StatFingerprints,
  path: string,
  stats: BigIntStats,
  attempt: ReadAttempt,
  leadsTo?: string,
): void {
  const stamp = { text: textOf(stats), mtimeMs: Number(stats.mtimeMs), leadsTo };
  const before = stamps.get(path);
  if (before !== undefined && before.text !== stamp.text) throw new ChangedDuringRead(path);
  const ageMs = attempt.beganAtMs - Number(stats.ctimeNs) / 1e6;
  // A time in the future is another machine's clock, and waiting for it could take for ever.
  const stillMs = stats.isFile() ? STILL_MS : FRESH_MS;
  if (ageMs < stillMs && ageMs > -stillMs) throw new ChangedDuringRead(path);
  stamps.set(path, stamp);
}

/** Throws `ChangedDuringRead` unless everything still looks as it did; rejects with the system's error. */
export async function verifyFingerprints(stamps: StatFingerprints, calls: ReadFs): Promise<void> {
  await mapConcurrent([...stamps], LANES, async ([path, before]) => {
    if (textOf(await calls.lstat(path)) !== before.text) throw new ChangedDuringRead(path);
    if (before.leadsTo === undefined) return;
    if ((await calls.realpath(path)) !== before.leadsTo) throw new ChangedDuringRead(path);
  });
}

function textOf({ dev, ino, mode, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, mode, size, mtimeNs, ctimeNs].join(' ');
}
