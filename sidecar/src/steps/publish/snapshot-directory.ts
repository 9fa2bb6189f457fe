import { join } from 'node:path';
import type { FsAdapter } from '@lastgood/core/fs/fs-adapter.ts';
import { NEXT_DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { allSettledOrThrow, mapConcurrent } from '@lastgood/core/fs/map-concurrent.ts';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { createFile, syncDirectory } from '../../io/fs/atomic-write.ts';
import type { Contents } from './contents.ts';
import { type Root, readlinkIfAny, removeTree, unlinkIfAny } from './published-root.ts';

/** Open files at a time; more would not be faster and could meet the container's limit. */
const WRITE_LANES = 16;

/** A snapshot's new directory inside the published one. */
export interface NewDirectory {
  readonly root: Root;
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly contents: Contents;
  /** Permission bits of the directories. */
  readonly mode: number;
}

/**
 * Makes the directory, and `..data_tmp` that leads to it: until the swap renames that link, it
 * tells that the directory is unfinished. Rejects with the system's error.
 */
export async function createDirectory({ root, name, contents, mode }: NewDirectory): Promise<void> {
  const { dir, calls } = root;
  const path = join(dir, name);
  await allSettledOrThrow([
    calls.symlink(name, join(dir, NEXT_DATA_LINK)),
    calls.mkdir(path, mode),
  ]);
  for (const level of contents.directories) {
    await mapConcurrent(level, WRITE_LANES, async (inner) => {
      await calls.mkdir(join(path, inner), mode);
    });
  }
}

/** Writes all files, each with its own mode, and waits for the disk. Rejects as the system says. */
export async function writeFiles(directory: NewDirectory): Promise<void> {
  const { root, name, snapshot } = directory;
  const path = join(root.dir, name);
  const write = (file: SnapshotFile) =>
    // We must be able to read it back after a restart, whoever owned it in the volume.
    createFile(join(path, file.path), file.bytes, file.mode | 0o400, root.calls);
  await allSettledOrThrow([
    mapConcurrent(snapshot.files, WRITE_LANES, write),
    mapConcurrent(directoriesOf(directory), WRITE_LANES, (inner) =>
      correctMode(inner, directory.mode, root.calls),
    ),
  ]);
}

/** Waits until the names of the files are on disk. Rejects with the system's error. */
export async function syncDirectories(directory: NewDirectory): Promise<void> {
  const { calls } = directory.root;
  await mapConcurrent(directoriesOf(directory), WRITE_LANES, (path) => syncDirectory(path, calls));
}

/** Removes the directory and its `..data_tmp` again. Rejects with the system's error. */
export async function removeDirectory({ root, name }: NewDirectory): Promise<void> {
  await removeTree(join(root.dir, name), root.calls);
  const link = join(root.dir, NEXT_DATA_LINK);
  // That of a second publisher, at work here against all rules, is left alone.
  if ((await readlinkIfAny(link, root.calls)) === name) await unlinkIfAny(link, root.calls);
}

/**
 * The umask may have taken bits away. The setgid bit that the directory inherited must stay:
 * without it the group of the volume (fsGroup) would not own the files.
 */
async function correctMode(path: string, mode: number, calls: FsAdapter): Promise<void> {
  const made = Number((await calls.lstat(path)).mode);
  if ((made & 0o777) !== mode) await calls.chmod(path, mode | (made & 0o2000));
}

function directoriesOf({ root, name, contents }: NewDirectory): string[] {
  const path = join(root.dir, name);
  return [path, ...contents.directories.flat().map((inner) => join(path, inner))];
}
