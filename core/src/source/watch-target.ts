import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type ChokidarOptions, watch as watchWithChokidar } from 'chokidar';
import { isInside } from '../fs/is-inside.ts';
import { DATA_LINK, isLayoutName } from '../fs/kubelet-layout.ts';
import { isMountPoint } from '../fs/mount-table.ts';
import { resolveSymlinks } from '../fs/resolve-symlinks.ts';
import { type Watch, watchDirectories } from './directory-watcher.ts';

/**
 * The meaning of a raw event. `change`: something may have changed. `self`: the watched directory itself
 * was removed or moved, unless it has an entry with its own name.
 */
export type EventMeaning = 'swap' | 'change' | 'self' | 'nothing';

/** What to watch for a volume, as it was found. */
export interface WatchTarget {
  readonly isFile: boolean;
  readonly watch: Watch;
  readonly paths: string[];
  readonly options: ChokidarOptions;
  meaningOf(event: string, name: string | null, watchedPath: string): EventMeaning;
  /**
   * Whether these watches are still the right ones. `elsewhere`: the path now leads to another place.
   * `replaced`: another directory was mounted or moved over one of them.
   */
  check(): Promise<'same' | 'elsewhere' | 'replaced'>;
}

/** In a plain volume, only the re-check finds changes below this. */
const WATCHED_DEPTH = 4;

/** Inspects a volume. A missing one counts as what it was before, at first as a directory. */
export async function createWatchTarget(
  root: string,
  before: WatchTarget | undefined,
): Promise<WatchTarget> {
  const isDirectory = await stat(root).then(
    (stats) => stats.isDirectory(),
    () => before?.isFile !== true,
  );
  if (!isDirectory) return fileTarget(root);
  // A root that is itself a link can be changed, which the directory of the link shows.
  const isLink = (await linkedDirectory(root)) !== undefined;
  return !isLink && (await hasLayout(root)) ? layoutTarget(root) : directoryTarget(root);
}

/**
 * A volume in the kubelet's layout: one watch on its root shows each swap. Without chokidar, which
 * reads the directory before it emits an event, and so would delay a swap.
 */
async function layoutTarget(root: string): Promise<WatchTarget> {
  const identity = await identityOf(root);
  return {
    isFile: false,
    watch: watchDirectories,
    paths: [root],
    options: {},
    meaningOf: (event, name, watchedPath) => {
      if (event === 'rename' && name === DATA_LINK) return 'swap';
      return isSelf(event, name, watchedPath) ? 'self' : 'change';
    },
    check: async () => {
      const now = await identityOf(root);
      if (now === identity) return (await hasLayout(root)) ? 'same' : 'elsewhere';
      return now === undefined || now === NO_DIRECTORY ? 'elsewhere' : 'replaced';
    },
  };
}

/**
 * A directory and its subdirectories, never `..data` or a file: a watch on those sees nothing after the
 * first swap. While it does not exist, chokidar watches the nearest directory above that does.
 */
async function directoryTarget(root: string): Promise<WatchTarget> {
  const [found, real] = await Promise.all([identityOf(root), linkedDirectory(root)]);
  let identity = found;
  return {
    isFile: false,
    watch: watchWithChokidar as Watch,
    paths: real === undefined ? [root] : [root, real],
    options: watchOptions(root),
    meaningOf: (event, name, watchedPath) => {
      const watched = watchedPath === real ? root : watchedPath;
      if (watched === root && event === 'rename' && name === DATA_LINK) return 'swap';
      if (watched === root && isSelf(event, name, watchedPath)) return 'self';
      // While the root is missing, a directory above it is watched, which has unrelated changes.
      const isAbove = root !== watched && isInside(watched, root);
      if (isAbove && name !== null && !isInside(join(watched, name), root)) return 'nothing';
      return 'change';
    },
    check: async () => {
      const now = await identityOf(root);
      if (now === identity) return 'same';
      if (now === NO_DIRECTORY) return 'elsewhere';
      // Chokidar itself follows a directory that disappears or appears.
      if (now === undefined || identity === undefined) {
        identity = now;
        return 'same';
      }
      // A link may lead elsewhere; without one, something was mounted or moved over the root.
      return real === undefined ? 'replaced' : 'elsewhere';
    },
  };
}

/**
 * A file: the directories that contain its name, and the names of links to it. A mount of a single file
 * causes no events there, as the file is in another directory; but nothing can be renamed over it, so
 * there the watch is on the file.
 */
async function fileTarget(root: string): Promise<WatchTarget> {
  const { names, end } = await resolveSymlinks(root);
  const directories = [...names.keys()];
  const [identities, isMounted] = await Promise.all([identitiesOf(directories), isMountPoint(end)]);
  return {
    isFile: true,
    watch: watchDirectories,
    paths: isMounted ? [...directories, end] : directories,
    options: {},
    meaningOf: (event, name, watchedPath) => {
      if (name === null || watchedPath === end) return 'change';
      if (names.get(watchedPath)?.has(name)) {
        return event === 'rename' && name === DATA_LINK ? 'swap' : 'change';
      }
      return isSelf(event, name, watchedPath) ? 'self' : 'nothing';
    },
    check: async () => {
      const now = await resolveSymlinks(root);
      if (now.endsAt === 'directory' || !isDeepStrictEqual(now.names, names)) return 'elsewhere';
      return (await identitiesOf(directories)) === identities ? 'same' : 'replaced';
    },
  };
}

/** inotify reports that the watched directory was removed, moved or unmounted as a rename of its name. */
function isSelf(event: string, name: string | null, watchedPath: string): boolean {
  return event === 'rename' && name === basename(watchedPath);
}

/**
 * Ignores the names of the layout, because `raw` reports them anyway. So a kubelet's volume costs one
 * watch on its root, and a plain volume one for each directory.
 */
function watchOptions(root: string): ChokidarOptions {
  return {
    depth: WATCHED_DEPTH,
    followSymlinks: false,
    ignoreInitial: true,
    atomic: false,
    ignored: (path) => path !== root && isLayoutName(basename(path)),
  };
}

/** Whether there is a link `..data`, wherever it leads. */
async function hasLayout(root: string): Promise<boolean> {
  return lstat(join(root, DATA_LINK)).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
}

const NO_DIRECTORY = 'no directory';

/** Distinguishes directories at the same path; undefined while there is nothing. */
async function identityOf(root: string): Promise<string | undefined> {
  return stat(root, { bigint: true }).then(
    (stats) => (stats.isDirectory() ? `${stats.dev} ${stats.ino}` : NO_DIRECTORY),
    () => undefined,
  );
}

async function identitiesOf(paths: readonly string[]): Promise<string> {
  return (await Promise.all(paths.map(identityOf))).join(', ');
}

/** Where the root leads if it is itself a link: that directory must be watched as well. */
async function linkedDirectory(root: string): Promise<string | undefined> {
  try {
    return (await lstat(root)).isSymbolicLink() ? await realpath(root) : undefined;
  } catch {
    return undefined;
  }
}
