import {
  type DirectoryHandle,
  openDirectory,
  withDirectory,
} from '@lastgood/core/fs/directory-handle.ts';
import type { FsAdapter } from '@lastgood/core/fs/fs-adapter.ts';
import { isLayoutName, NEXT_DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { allSettledOrThrow, mapConcurrent } from '@lastgood/core/fs/map-concurrent.ts';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { createFile, syncOpenDirectory } from '../../io/fs/atomic-write.ts';
import { removeTree, unlinkIfAny } from '../../io/fs/remove-tree.ts';
import { type Root, readlinkIfAny } from './published-root.ts';

/** Open files at a time in a directory; more would not be faster. */
const WRITE_LANES = 16;

/** Directories in the top one that are worked on at a time: libuv has as many threads. */
const TREE_LANES = 4;

/** What a directory of a snapshot will contain. */
interface Tree {
  readonly files: Map<string, SnapshotFile>;
  readonly directories: Map<string, Tree>;
}

interface Contents {
  readonly tree: Tree;
  /** First parts of the paths: each gets a link in the published directory. */
  readonly topNames: ReadonlySet<string>;
}

/** A snapshot's new directory inside the published one. */
export interface NewDirectory extends Contents {
  readonly root: Root;
  readonly name: string;
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
  const tree = emptyTree();
  for (const file of files) {
    const parts = file.path.split('/');
    if (!isValid(parts)) throw new Error(`${JSON.stringify(file.path)} is not a valid path`);
    const name = parts.pop() ?? '';
    let at = tree;
    for (const part of parts) {
      const inner = at.directories.get(part) ?? emptyTree();
      at.directories.set(part, inner);
      at = inner;
    }
    at.files.set(name, file);
  }
  return { tree, topNames: new Set([...tree.files.keys(), ...tree.directories.keys()]) };
}

function emptyTree(): Tree {
  return { files: new Map(), directories: new Map() };
}

function isValid(parts: readonly string[]): boolean {
  const isName = (part: string) => part !== '' && part !== '.' && part !== '..';
  return !isLayoutName(parts[0] ?? '') && parts.every((part) => isName(part) && !/\0/.test(part));
}

/**
 * Creates the directory with those inside it, and `..data_tmp` that leads to it. Until the swap renames
 * that link, it marks the directory as unfinished. Returns the directory open, so that all that follows
 * is written into this one. Rejects with the system's error.
 */
export async function createDirectory(next: NewDirectory): Promise<DirectoryHandle> {
  const { root, name, mode } = next;
  const { fs } = root;
  await allSettledOrThrow([
    fs.symlink(name, root.at(NEXT_DATA_LINK)),
    fs.mkdir(root.at(name), mode),
  ]);
  const top = await openDirectory(root.at(name), fs);
  try {
    await visit(next.tree, top, fs, async ({ directories }, directory) => {
      await mapConcurrent([...directories.keys()], WRITE_LANES, async (inner) => {
        await fs.mkdir(directory.at(inner), mode);
      });
    });
    return top;
  } catch (error) {
    top.close();
    throw error;
  }
}

/** Writes all files with their modes, and waits for the disk. Rejects with the system's error. */
export async function writeFiles(next: NewDirectory, top: DirectoryHandle): Promise<void> {
  const { fs } = next.root;
  await visit(next.tree, top, fs, async ({ files }, directory) => {
    await allSettledOrThrow([
      mapConcurrent([...files], WRITE_LANES, ([name, { bytes, mode }]) =>
        // After a restart the sidecar must be able to read it, whatever its mode in the volume.
        createFile(directory.at(name), bytes, mode | 0o400, fs),
      ),
      correctMode(directory.fd, next.mode, fs),
    ]);
  });
}

/** Waits until the names of the files are on disk. Rejects with the system's error. */
export async function syncDirectories(next: NewDirectory, top: DirectoryHandle): Promise<void> {
  const { fs } = next.root;
  await visit(next.tree, top, fs, (_, { fd }) => syncOpenDirectory(fd, fs));
}

/** Removes the directory and its `..data_tmp`. Rejects with the system's error. */
export async function removeDirectory({ root, name }: NewDirectory): Promise<void> {
  await removeTree(root, name, root.fs);
  const link = root.at(NEXT_DATA_LINK);
  // Leaves the link of another publisher alone, which should not exist.
  if ((await readlinkIfAny(link, root.fs)) === name) await unlinkIfAny(link, root.fs);
}

/** Does `work` for a directory, and then for each one inside it, opened through its parent. */
async function visit(
  tree: Tree,
  directory: DirectoryHandle,
  fs: FsAdapter,
  work: (tree: Tree, directory: DirectoryHandle) => Promise<void>,
  lanes = TREE_LANES,
): Promise<void> {
  await work(tree, directory);
  await mapConcurrent([...tree.directories], lanes, async ([name, inner]) => {
    await withDirectory(directory.at(name), fs, (opened) => visit(inner, opened, fs, work, 1));
  });
}

/**
 * Restores the bits that the umask took away, and keeps the inherited setgid bit: without it the group
 * of the volume (fsGroup) would not own the files.
 */
async function correctMode(fd: number, mode: number, fs: FsAdapter): Promise<void> {
  const made = Number((await fs.fstat(fd)).mode);
  if ((made & 0o777) !== mode) await fs.fchmod(fd, mode | (made & 0o2000));
}
