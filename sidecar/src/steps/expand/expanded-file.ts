import { lstat, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import type { Found, Snapshot } from '@lastgood/core/model/snapshot.ts';
import { isSnapshot } from '@lastgood/core/model/snapshot.ts';
import { prepareFile } from '../../io/fs/atomic-write.ts';
import type { ExpandSettings } from '../../settings/settings.ts';

/** Whatever user the app runs as reads it, as it could read the file of the program that is replaced. */
const FILE_MODE = 0o644;

/**
 * Writes the expanded file beside where the app reads it, and gives what puts it there: a reader, and
 * whoever comes after a power cut, finds all of the old bytes or all of the new ones. Both reject with
 * LG_PUBLISH_FILE, and before anything is written with LG_PUBLISH_FILE_PLACE; the old file then still
 * stands.
 */
export async function prepareExpanded(
  snapshot: Snapshot,
  { file, to }: ExpandSettings,
  isMountPoint: (real: string) => Promise<boolean>,
): Promise<() => Promise<void>> {
  const obstacle = await obstacleAt(to, isMountPoint);
  if (obstacle !== undefined) throw new LastgoodError('LG_PUBLISH_FILE_PLACE', [to, obstacle]);
  const bytes = snapshot.files.find(({ path }) => path === file)?.bytes;
  const put = await reported(to, async () => {
    if (bytes === undefined) throw new RangeError(`the snapshot has no ${file}`);
    return prepareFile(to, bytes, FILE_MODE);
  });
  return () => reported(to, put);
}

/** What a file cannot be renamed onto. Source: rename(2), EISDIR and EBUSY. */
async function obstacleAt(
  to: string,
  isMountPoint: (real: string) => Promise<boolean>,
): Promise<string | undefined> {
  // What cannot be looked at is for the write to report.
  const stats = await lstat(to).catch(() => undefined);
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return 'a directory stands there';
  const dir = await realpath(dirname(to)).catch(() => dirname(to));
  return (await isMountPoint(join(dir, basename(to))))
    ? 'the file there is mounted by itself'
    : undefined;
}

async function reported<T>(to: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new LastgoodError('LG_PUBLISH_FILE', [to, reasonOf(error)], { cause: error });
  }
}

/**
 * What the app reads there: the snapshot `kept`, if the file is its own; null when there is no file;
 * else something that nobody vouches for. Never rejects.
 */
export async function findExpanded(kept: Found, { file, to }: ExpandSettings): Promise<Found> {
  try {
    const bytes = await readFile(to);
    if (!isSnapshot(kept)) return 'unreadable';
    const own = kept.files.find(({ path }) => path === file)?.bytes;
    return own?.equals(bytes) ? kept : 'unreadable';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'unreadable';
  }
}
