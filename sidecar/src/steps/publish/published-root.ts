import {
  type DirectoryHandle,
  openDirectory,
  THROUGH_LINKS,
} from '@lastgood/core/fs/directory-handle.ts';
import {
  asyncFs,
  type FsAdapter,
  inMemory,
  isKnownInMemory,
  syncFs,
} from '@lastgood/core/fs/fs-adapter.ts';
import { DATA_LINK, isLayoutName, NEXT_DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { ignoreMissing, removeTree } from '../../io/fs/remove-tree.ts';

/** The name of a directory that contains a published snapshot, taken apart. */
interface SnapshotName {
  readonly name: string;
  /** `YYYY_MM_DD_HH_MM_SS` in UTC. */
  readonly time: string;
  /** Its number among those of the same second, from 1. */
  readonly count: number;
}

/** The published directory, open, and what it contains before a publish. */
export interface Root extends DirectoryHandle {
  readonly fs: FsAdapter;
  /** The target of `..data`; undefined before the first publish. */
  readonly current: string | undefined;
  /** The directories of snapshots, oldest first, including the current one. */
  readonly snapshots: readonly SnapshotName[];
  /** The links through `..data`, and anything else that was put there. */
  readonly names: readonly string[];
  /** A publish was killed or failed, and left something to remove. */
  readonly unfinished: boolean;
}

/** The link that is renamed over something else that has a top-level name. */
export const NEXT_NAME_LINK = '..link_tmp';

const SNAPSHOT_NAME = /^\.\.(?<time>\d{4}(?:_\d\d){5})\.[0-9a-f]{12}(?:\.(?<count>\d+))?$/;

/**
 * A published directory with more entries than this is not one of lastgood's: someone else fills it, and
 * their names alone could take the memory of the sidecar.
 */
const MAX_ENTRIES = 16_384;

/**
 * Opens and reads the published directory; the caller closes it. Rejects with the system's error, and
 * with `NO_LINK` if it is a link.
 */
export async function openRoot(dir: string, flags = THROUGH_LINKS): Promise<Root> {
  const isInMemory = isKnownInMemory(dir) || (await inMemory(dir));
  const fs = isInMemory ? syncFs : asyncFs;
  const handle = await openDirectory(dir, fs, flags);
  try {
    const names: string[] = [];
    const directories: string[] = [];
    await fs.readdir(handle.at('.'), (entry) => {
      names.push(entry.name);
      if (entry.isDirectory()) directories.push(entry.name);
      return names.length <= MAX_ENTRIES;
    });
    if (names.length > MAX_ENTRIES) throw new RangeError(`it has more than ${MAX_ENTRIES} entries`);
    return {
      ...handle,
      fs,
      current: await readlinkIfAny(handle.at(DATA_LINK), fs),
      snapshots: snapshotNames(directories),
      names: names.filter((name) => !isLayoutName(name)),
      unfinished: names.includes(NEXT_DATA_LINK) || names.includes(NEXT_NAME_LINK),
    };
  } catch (error) {
    handle.close();
    throw error;
  }
}

/** Finds the directories of snapshots among `names`, oldest first. */
export function snapshotNames(names: readonly string[]): SnapshotName[] {
  const found = names.flatMap((name) => {
    const { time, count } = SNAPSHOT_NAME.exec(name)?.groups ?? {};
    return time === undefined ? [] : { name, time, count: Number(count ?? 1) };
  });
  return found.sort((a, b) => a.time.localeCompare(b.time) || a.count - b.count);
}

/**
 * `..YYYY_MM_DD_HH_MM_SS.<12 digits of the version>`. Apps take the version from the end of the name,
 * and names sort by age without a call to the file system. So a second snapshot of the same second, or
 * one after the clock went back, gets the second after the newest one.
 */
export function nextName(version: string, wallMs: number, { snapshots }: Root): string {
  const now = formatTime(wallMs);
  const newest = snapshots.at(-1);
  const digits = version.replace(/^sha256:/, '').slice(0, 12);
  if (newest === undefined || newest.time < now) return `..${now}.${digits}`;
  const [year = 0, month = 0, ...rest] = newest.time.split('_').map(Number);
  const [day, hour, minute, second = 0] = rest;
  const next = formatTime(Date.UTC(year, month - 1, day, hour, minute, second + 1));
  const name = `..${next}.${digits}`;
  // Only a name that another program has made has a year without four digits after it.
  return SNAPSHOT_NAME.test(name) ? name : `..${newest.time}.${digits}.${newest.count + 1}`;
}

/** UTC, to the second. */
function formatTime(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 19).replace(/[-T:]/g, '_');
}

/**
 * Removes what a killed or failed publish left: its temporary links, and the directory that
 * `..data_tmp` leads to. Rejects with the system's error.
 */
export async function removeUnfinished(root: Root): Promise<void> {
  const { current, fs } = root;
  const target = await readlinkIfAny(root.at(NEXT_DATA_LINK), fs);
  // Only a name of ours: the target of a link that someone else made must not be deleted.
  const [ours] = target === undefined ? [] : snapshotNames([target]);
  if (ours !== undefined && ours.name !== current) await removeTree(root, ours.name, fs);
  // The link goes last: as long as it exists, the directory is known to be unfinished.
  await removeTree(root, NEXT_DATA_LINK, fs);
  await removeTree(root, NEXT_NAME_LINK, fs);
}

/** The target of a link; undefined if it does not exist or is not a link. Rejects with the system's error. */
export async function readlinkIfAny(path: string, fs: FsAdapter): Promise<string | undefined> {
  // EINVAL: it is not a link.
  return fs
    .readlink(path)
    .catch((error) => (error.code === 'EINVAL' ? undefined : ignoreMissing(error)));
}
