import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LastgoodError, withErrorCode } from '@lastgood/core/model/error.ts';
import type { Found, Snapshot } from '@lastgood/core/model/snapshot.ts';
import { isSnapshot } from '@lastgood/core/model/snapshot.ts';
import { prepareFile } from '../../io/fs/atomic-write.ts';
import { readBoundedFile } from '../../io/fs/read-bounded-file.ts';
import type { ExpandSettings } from '../../settings/settings.ts';

/** The app may run as any user, and could read the file of the reloader that lastgood replaces. */
const FILE_MODE = 0o644;

/**
 * Writes the expanded file next to the one that the app reads, and returns the function that replaces
 * it, as `prepareFile` does. Both reject with LG_PUBLISH_FILE, and before anything is written with
 * LG_PUBLISH_FILE_PLACE; the old file then remains.
 */
export async function prepareExpanded(
  snapshot: Snapshot,
  { file, to }: ExpandSettings,
  isMountPoint: (real: string) => Promise<boolean>,
): Promise<() => Promise<void>> {
  const obstacle = await findObstacle(to, isMountPoint);
  if (obstacle !== undefined) throw new LastgoodError('LG_PUBLISH_FILE_PLACE', [to, obstacle]);
  const bytes = snapshot.files.find(({ path }) => path === file)?.bytes;
  const replace = await withErrorCode('LG_PUBLISH_FILE', to, async () => {
    if (bytes === undefined) throw new RangeError(`the snapshot has no ${file}`);
    return prepareFile(to, bytes, FILE_MODE);
  });
  return () => withErrorCode('LG_PUBLISH_FILE', to, replace);
}

/** Why a file cannot be renamed onto this path. Source: rename(2), EISDIR and EBUSY. */
async function findObstacle(
  to: string,
  isMountPoint: (real: string) => Promise<boolean>,
): Promise<string | undefined> {
  // Other errors are left to the write.
  const stats = await lstat(to).catch(() => undefined);
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return 'it is a directory';
  const dir = await realpath(dirname(to)).catch(() => dirname(to));
  return (await isMountPoint(join(dir, basename(to))))
    ? 'the file there is a mount itself'
    : undefined;
}

/**
 * What the app reads there: the snapshot `kept`, if the file is from it; null if there is no file;
 * otherwise unreadable, as nothing shows that the file is good. Never rejects.
 */
export async function findExpanded(kept: Found, { file, to }: ExpandSettings): Promise<Found> {
  const own = isSnapshot(kept) ? kept.files.find(({ path }) => path === file)?.bytes : undefined;
  const found = await readBoundedFile(to, own?.length ?? 0, { noLink: true });
  if ('reason' in found) return found.problem === 'missing' ? null : 'unreadable';
  return own?.equals(Buffer.from(found.text, 'latin1')) ? kept : 'unreadable';
}
