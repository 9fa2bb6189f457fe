import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { asyncFs } from '../fs/fs-adapter.ts';
import type { Filter } from '../fs/globs.ts';
import { DATA_LINK, hasDataLink, isLayoutName } from '../fs/kubelet-layout.ts';
import { MAX_ENTRIES, MAX_FILES } from '../fs/limits.ts';
import { isMountPoint } from '../fs/mount-table.ts';
import { type ResolvedPath, resolveSymlinks } from '../fs/resolve-symlinks.ts';
import { tryTo } from '../model/try-to.ts';

/**
 * The meaning of an event. `change`: something may have changed. `self`: the watched directory itself was
 * removed or moved, unless it has an entry with its own name. `unless-file`: a file with this name would
 * not be captured, but a directory may contain one that is.
 */
export type EventMeaning = 'swap' | 'change' | 'self' | 'unless-file' | 'nothing';

/** What to watch for a volume, as it was found. */
export interface WatchTarget {
  /** Where the path of the volume leads. */
  readonly top: string;
  /** Directories, and a file that is mounted. */
  readonly paths: readonly string[];
  meaningOf(event: string, name: string | null, watchedPath: string): EventMeaning;
  /**
   * Whether a path leads to the directory that was found there. Call it right after the watch on it is
   * set: if the watch is on the directory below a mount point, a later mount that reuses the numbers of
   * an earlier one looks the same to `isCurrent`. Synchronous, as setting a watch is.
   */
  isAt(path: string): boolean;
  /**
   * Whether these watches are still the right ones: the path leads to the same place, which has the same
   * directories.
   */
  isCurrent(): Promise<boolean>;
  /**
   * The directory at the path, or that contains the file, with its identity; empty for a volume that
   * does not exist, and for a directory that is found through links.
   */
  readonly place: ReadonlyMap<string, string | undefined>;
}

/** In a plain volume, only the re-check finds changes below this. */
const WATCHED_DEPTH = 4;

/**
 * Inspects a volume. `filter` says which files are captured; a change of any other is nothing. Never
 * rejects: whatever cannot be read counts as missing.
 */
export async function createWatchTarget(root: string, filter: Filter): Promise<WatchTarget> {
  // Once: a path that becomes a directory or a file meanwhile is then found to have changed.
  const resolved = await resolveSymlinks(root);
  if (resolved.endsAt !== 'directory') return fileTarget(root, resolved);
  return resolved.names.size === 0 && (await hasDataLink(resolved.end))
    ? layoutTarget(root)
    : directoryTarget(root, resolved, filter);
}

/** A volume in the kubelet's layout: one watch on its root shows each swap. */
async function layoutTarget(root: string): Promise<WatchTarget> {
  const identity = await identityOf(root);
  return {
    top: root,
    paths: [root],
    meaningOf: (event, name, watchedPath) => {
      if (event === 'rename' && name === DATA_LINK) return 'swap';
      return isSelf(event, name, watchedPath) ? 'self' : 'change';
    },
    isAt: (path) => identityNow(path) === identity,
    isCurrent: async () => (await identityOf(root)) === identity && (await hasDataLink(root)),
    place: new Map([[root, identity]]),
  };
}

/**
 * A directory and its subdirectories, never `..data` or a file: a watch on those sees nothing after the
 * first swap. Besides, the directories of the links that lead to it.
 */
async function directoryTarget(
  root: string,
  { names, end }: ResolvedPath,
  filter: Filter,
): Promise<WatchTarget> {
  const [directories, linkDirectories] = await Promise.all([
    findDirectories(end, filter),
    identitiesOf(names.keys()),
  ]);
  const identities = new Map([...linkDirectories, ...directories]);
  return {
    top: end,
    paths: [...identities.keys()],
    meaningOf: (event, name, watchedPath) => {
      // A mount that is removed from a subdirectory causes no event anywhere else.
      if (isSelf(event, name, watchedPath)) return 'self';
      if (name !== null && names.get(watchedPath)?.has(name)) return 'change';
      if (!directories.has(watchedPath)) return 'nothing';
      if (watchedPath === end && event === 'rename' && name === DATA_LINK) return 'swap';
      if (name === null || isLayoutName(name)) return 'change';
      const path = relative(end, join(watchedPath, name));
      if (filter.skips(path)) return 'nothing';
      return filter.includes(path) || directories.has(join(end, path)) ? 'change' : 'unless-file';
    },
    isAt: (path) => identityNow(path) === identities.get(path),
    isCurrent: async () => {
      const now = await resolveSymlinks(root);
      if (now.end !== end || !isDeepStrictEqual(now.names, names)) return false;
      if (!isDeepStrictEqual(await identitiesOf(names.keys()), linkDirectories)) return false;
      return isDeepStrictEqual(await findDirectories(end, filter), directories);
    },
    place: new Map(names.size === 0 ? [[end, directories.get(end)]] : []),
  };
}

/**
 * The directories of a plain volume that are watched, with their identities; empty if it does not exist.
 * Reads at most as many entries as a capture.
 */
async function findDirectories(root: string, filter: Filter): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let level: readonly string[] = [root];
  let entryCount = 0;
  for (let depth = 0; level.length > 0; depth++) {
    const inner: string[] = [];
    for (const directory of level) {
      const identity = await identityOf(directory);
      if (identity === undefined || identity === NO_DIRECTORY) continue;
      found.set(directory, identity);
      if (depth === WATCHED_DEPTH) continue;
      const visit = asyncFs.readdir(directory, (entry) => {
        entryCount += 1;
        const path = join(directory, entry.name);
        if (entry.isDirectory() && !isLeftOut(relative(root, path), filter)) inner.push(path);
        return entryCount < MAX_ENTRIES && found.size + inner.length < MAX_FILES;
      });
      // The watch on it reports the same problem.
      await visit.catch(() => {});
    }
    level = inner;
  }
  return found;
}

/** The kubelet's directories have a watch on their parent instead, which shows the swap. */
function isLeftOut(path: string, filter: Filter): boolean {
  return isLayoutName(path) || /\/\.\.\d{4}_[^/]*$/.test(path) || filter.skips(path);
}

/**
 * A file, or nothing yet: the directories that contain its name, and the names of links to it. A mount of
 * a single file causes no events there, as the file is in another directory; but nothing can be renamed
 * over it, so there the watch is on the file.
 */
async function fileTarget(
  root: string,
  { names, end, endsAt }: ResolvedPath,
): Promise<WatchTarget> {
  const directories = [...names.keys()];
  const [identities, isMounted] = await Promise.all([identitiesOf(directories), isMountPoint(end)]);
  return {
    top: end,
    paths: isMounted ? [...directories, end] : directories,
    isAt: (path) => path === end || identityNow(path) === identities.get(path),
    meaningOf: (event, name, watchedPath) => {
      if (name === null || watchedPath === end) return 'change';
      if (isSelf(event, name, watchedPath)) return 'self';
      if (!names.get(watchedPath)?.has(name)) return 'nothing';
      return event === 'rename' && name === DATA_LINK ? 'swap' : 'change';
    },
    isCurrent: async () => {
      const now = await resolveSymlinks(root);
      if (now.endsAt !== endsAt || !isDeepStrictEqual(now.names, names)) return false;
      return isDeepStrictEqual(await identitiesOf(directories), identities);
    },
    place: endsAt === 'file' ? identities : new Map(),
  };
}

/** inotify reports that the watched directory was removed, moved or unmounted as a rename of its name. */
function isSelf(event: string, name: string | null, watchedPath: string): boolean {
  return event === 'rename' && name === basename(watchedPath);
}

const NO_DIRECTORY = 'no directory';

/** Distinguishes directories at the same path; undefined while there is nothing. */
async function identityOf(path: string): Promise<string | undefined> {
  return stat(path, { bigint: true }).then(formatIdentity, () => undefined);
}

function identityNow(path: string): string | undefined {
  return tryTo(() => formatIdentity(statSync(path, { bigint: true })));
}

function formatIdentity(stats: BigIntStats): string {
  return stats.isDirectory() ? `${stats.dev} ${stats.ino}` : NO_DIRECTORY;
}

async function identitiesOf(paths: Iterable<string>): Promise<Map<string, string | undefined>> {
  return new Map(
    await Promise.all([...paths].map(async (path) => [path, await identityOf(path)] as const)),
  );
}
