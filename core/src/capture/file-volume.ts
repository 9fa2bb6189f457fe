import { basename, dirname, join } from 'node:path';
import { DATA_LINK, isLayoutName } from '../fs/kubelet-layout.ts';
import { allSettledOrThrow } from '../fs/map-concurrent.ts';
import { findingOf } from '../model/error.ts';
import type { ReadFs } from './limiter.ts';
import { ChangedDuringRead, isGone, type ReadAttempt } from './read-attempt.ts';
import { verifyFingerprints } from './stat-fingerprint.ts';
import type { Verified, Volume } from './volume.ts';

/** A volume of one file: what its path leads to, by whatever links. */
export interface FileVolume {
  /** Its name inside the snapshot, which is the one in the settings and not that of a link's target. */
  readonly name: string;
  /** The kubelet's `..data` on the way to it: it changes by that swap and never in place. */
  readonly swapLink: string | undefined;
}

/**
 * Looks at a volume's path that is no directory; undefined with a finding where it is no file either.
 * `root` is its real path. Throws `ChangedDuringRead` where it is in the middle of a change.
 */
export async function openFile(
  path: string,
  root: string,
  calls: ReadFs,
  attempt: ReadAttempt,
): Promise<FileVolume | undefined> {
  const [stats, swapLink] = await allSettledOrThrow([
    calls.lstat(root),
    swapLinkTo(root, calls),
  ] as const).catch((error) => {
    throw isGone(error) ? new ChangedDuringRead(path) : error;
  });
  // It was none a moment ago.
  if (stats.isDirectory() || stats.isSymbolicLink()) throw new ChangedDuringRead(path);
  if (stats.isFile()) return { name: basename(path), swapLink };
  attempt.findings.push(findingOf('LG_CAPTURE_NOT_A_DIRECTORY', [path]));
  return undefined;
}

/** Throws `ChangedDuringRead` unless the path leads to the same file, and that looks as it did. */
export async function verifyFile(volume: Volume, { swapLink }: FileVolume): Promise<Verified> {
  const { calls, settings, root, fingerprints } = volume;
  const [real, link] = await allSettledOrThrow([
    calls.realpath(settings.path),
    swapLink === undefined ? Promise.resolve(undefined) : calls.lstat(swapLink),
    verifyFingerprints(fingerprints, calls),
  ] as const).catch((error) => {
    throw isGone(error) ? new ChangedDuringRead(settings.path) : error;
  });
  if (real !== root) throw new ChangedDuringRead(settings.path);
  const times = [...fingerprints.values()].map(({ mtimeMs }) => mtimeMs);
  const writtenAtMs = link === undefined ? Math.max(0, ...times) : Number(link.mtimeMs);
  return { writtenAtMs, isLinked: true };
}

/** The `..data` that leads to the timestamped directory in which a real path lies, if it lies in one. */
async function swapLinkTo(root: string, calls: ReadFs): Promise<string | undefined> {
  let dataDir = dirname(root);
  while (dataDir !== '/' && !isLayoutName(basename(dataDir))) dataDir = dirname(dataDir);
  if (dataDir === '/') return undefined;
  const link = join(dirname(dataDir), DATA_LINK);
  const leadsTo = await calls.realpath(link).catch((error) => {
    if (!isGone(error)) throw error;
  });
  return leadsTo === dataDir ? link : undefined;
}
