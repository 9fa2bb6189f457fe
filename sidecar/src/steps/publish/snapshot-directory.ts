import { dirname, join } from 'node:path';
import type { FsAdapter } from '@lastgood/core/fs/fs-adapter.ts';
import { isLayoutName, NEXT_DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { allSettledOrThrow, mapConcurrent } from '@lastgood/core/fs/map-concurrent.ts';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { createFile, syncDirectory } from '../../io/fs/atomic-write.ts';
import { type Root, readlinkIfAny, removeTree, unlinkIfAny } from './published-root.ts';

/** Open files at a time; more would not be faster and could reach the container's limit. */
const WRITE_LANES = 16;

/** What the directory of a snapshot will contain. */
interface Contents {
  /** Paths of the nested directories, one list for each depth, parents first. */
  readonly directories: readonly (readonly string[])[];
  /** First parts of the paths: each gets a link in the published directory. */
  readonly topNames: ReadonlySet<string>;
}

/** A snapshot's new directory inside the published one. */
export interface NewDirectory extends Contents {
  readonly root: Root;
  readonly name: string;
  readonly snapshot: Snapshot;
  /** Permission bits of the directories. */
  readonly mode: number;
}

/**
 * Lists what to create for a snapshot. Throws if it is empty, or if a path would leave the directory or
 * collide with the names of the layout. Capture never creates such a path, but an error there must not
 * make lastgood write elsewhere.
 */
export function contentsOf({ files }: Snapshot): Contents {
  if (files.length === 0) throw new Error('the snapshot is empty');
  const byDepth: Set<string>[] = [];
  const topNames = new Set<string>();
  for (const { path } of files) {
    const parts = path.split('/');
    if (!parts.every(isPlainName)) throw new Error(`${JSON.stringify(path)} is not a valid path`);
    topNames.add(parts[0] ?? path);
    for (let at = dirname(path), depth = parts.length - 2; depth >= 0; at = dirname(at), depth--) {
      const level = byDepth[depth] ?? new Set();
      byDepth[depth] = level.add(at);
    }
  }
  return { directories: byDepth.map((paths) => [...paths]), topNames };
}

function isPlainName(part: string): boolean {
  return part !== '' && part !== '.' && !isLayoutName(part) && !part.includes('\0');
}

/**
 * Creates the directory, and `..data_tmp` that leads to it. Until the swap renames that link, it marks
 * the directory as unfinished. Rejects with the system's error.
 */
export async function createDirectory(directory: NewDirectory): Promise<void> {
  const { root, name, directories, mode } = directory;
  const { dir, fs } = root;
  const path = join(dir, name);
  await allSettledOrThrow([fs.symlink(name, join(dir, NEXT_DATA_LINK)), fs.mkdir(path, mode)]);
  for (const level of directories) {
    await mapConcurrent(level, WRITE_LANES, async (inner) => {
      await fs.mkdir(join(path, inner), mode);
    });
  }
}

/** Writes all files with their modes, and waits for the disk. Rejects with the system's error. */
export async function writeFiles(directory: NewDirectory): Promise<void> {
  const { root, name, snapshot } = directory;
  const write = ({ path, bytes, mode }: SnapshotFile) =>
    // After a restart the sidecar must be able to read it, whatever its mode in the volume.
    createFile(join(root.dir, name, path), bytes, mode | 0o400, root.fs);
  await allSettledOrThrow([
    mapConcurrent(snapshot.files, WRITE_LANES, write),
    mapConcurrent(directoriesOf(directory), WRITE_LANES, (inner) =>
      correctMode(inner, directory.mode, root.fs),
    ),
  ]);
}

/** Waits until the names of the files are on disk. Rejects with the system's error. */
export async function syncDirectories(directory: NewDirectory): Promise<void> {
  const { fs } = directory.root;
  await mapConcurrent(directoriesOf(directory), WRITE_LANES, (path) => syncDirectory(path, fs));
}

/** Removes the directory and its `..data_tmp`. Rejects with the system's error. */
export async function removeDirectory({ root, name }: NewDirectory): Promise<void> {
  await removeTree(join(root.dir, name), root.fs);
  const link = join(root.dir, NEXT_DATA_LINK);
  // Leaves the link of another publisher alone, which should not exist.
  if ((await readlinkIfAny(link, root.fs)) === name) await unlinkIfAny(link, root.fs);
}

/**
 * Restores the bits that the umask took away, and keeps the inherited setgid bit: without it the group
 * of the volume (fsGroup) would not own the files.
 */
async function correctMode(path: string, mode: number, fs: FsAdapter): Promise<void> {
  const made = Number((await fs.lstat(path)).mode);
  if ((made & 0o777) !== mode) await fs.chmod(path, mode | (made & 0o2000));
}

function directoriesOf({ root, name, directories }: NewDirectory): string[] {
  return ['', ...directories.flat()].map((inner) => join(root.dir, name, inner));
}
