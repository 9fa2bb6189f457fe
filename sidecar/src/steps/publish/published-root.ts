import { join } from 'node:path';
import {
  asyncFs,
  type FsAdapter,
  inMemory,
  isKnownInMemory,
  syncFs,
} from '@lastgood/core/fs/fs-adapter.ts';
import { DATA_LINK, isLayoutName, NEXT_DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { allSettledOrThrow } from '@lastgood/core/fs/map-concurrent.ts';
import { type StampedName, stampedNames } from './directory-names.ts';

/** What the published directory holds before a publish. */
export interface Root {
  readonly dir: string;
  /** How to work in it. */
  readonly calls: FsAdapter;
  /** What `..data` leads to; undefined before the first publish. */
  readonly current: string | undefined;
  /** The directories of snapshots, oldest first, the current one included. */
  readonly stamped: readonly StampedName[];
  /** The links through `..data`, and whatever else somebody put there. */
  readonly names: readonly string[];
  /** A publish was killed or failed, and left something to remove. */
  readonly unfinished: boolean;
}

/** A link on its way to replace something that stands where a top-level name belongs. */
export const NEXT_NAME_LINK = '..link_tmp';

/** Reads the published directory. Rejects with the system's error. */
export async function readRoot(dir: string): Promise<Root> {
  const first = isKnownInMemory(dir) ? syncFs : asyncFs;
  const [isInMemory, current, entries] = await allSettledOrThrow([
    inMemory(dir),
    readlinkIfAny(join(dir, DATA_LINK), first),
    first.readdir(dir),
  ]);
  const directories = entries.filter((entry) => entry.isDirectory());
  const names = entries.map((entry) => entry.name);
  return {
    dir,
    calls: isInMemory ? syncFs : asyncFs,
    current,
    stamped: stampedNames(directories.map((entry) => entry.name)),
    names: names.filter((name) => !isLayoutName(name)),
    unfinished: names.includes(NEXT_DATA_LINK) || names.includes(NEXT_NAME_LINK),
  };
}

/**
 * Removes what a killed or failed publish left: the links that were on their way, and the directory
 * that `..data_tmp` announces. Rejects with the system's error.
 */
export async function removeUnfinished({ dir, current, calls }: Root): Promise<void> {
  const announced = await readlinkIfAny(join(dir, NEXT_DATA_LINK), calls);
  // Only a name of ours is removed: a link made by somebody else must not get its target deleted.
  const [ours] = announced === undefined ? [] : stampedNames([announced]);
  if (ours !== undefined && ours.name !== current) await removeTree(join(dir, ours.name), calls);
  // The link goes last: while it stands, the directory is known to be unfinished.
  await unlinkIfAny(join(dir, NEXT_DATA_LINK), calls);
  await unlinkIfAny(join(dir, NEXT_NAME_LINK), calls);
}

/** Removes the directory of a snapshot, or what is left of it. Rejects with the system's error. */
export async function removeTree(path: string, calls: FsAdapter): Promise<void> {
  const entries = await calls.readdir(path).catch(ignoreMissing);
  if (entries === undefined) return;
  await allSettledOrThrow(
    entries.map((entry) => {
      const inside = join(path, entry.name);
      return entry.isDirectory() ? removeTree(inside, calls) : unlinkIfAny(inside, calls);
    }),
  );
  await calls.rmdir(path).catch(ignoreMissing);
}

/** Removes a link or file, if it is there. Rejects with the system's error. */
export async function unlinkIfAny(path: string, calls: FsAdapter): Promise<void> {
  await calls.unlink(path).catch(ignoreMissing);
}

/** Where a link leads; undefined if there is nothing, or no link. Rejects with the system's error. */
export async function readlinkIfAny(path: string, calls: FsAdapter): Promise<string | undefined> {
  return calls.readlink(path).catch((error) =>
    // It is there, and is no link.
    error.code === 'EINVAL' ? undefined : ignoreMissing(error),
  );
}

/** For `catch`: what is not there needs no removing. */
export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
