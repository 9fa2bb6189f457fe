import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ChokidarOptions, watch as watchWithChokidar } from 'chokidar';
import { DATA_LINK, isLayoutName } from '../fs/kubelet-layout.ts';
import { type Watch, watchDirectories } from './directory-watcher.ts';
import { isMountPoint } from './mounts.ts';
import { isInside, resolveSymlinks } from './resolve-symlinks.ts';

/**
 * What a raw event says: the kubelet's swap; that something may have changed; that the watched
 * directory itself went away, unless it has an entry of its own name; or nothing.
 */
export type Meaning = 'swap' | 'change' | 'self' | 'nothing';

/** What has to be watched of a volume, as it was found. */
export interface WatchTarget {
  readonly isFile: boolean;
  readonly watch: Watch;
  readonly paths: string[];
  readonly options: ChokidarOptions;
  meaningOf(event: string, name: string | null, watchedPath: string): Meaning;
  /**
   * Whether these watches still are the right ones: `elsewhere`, the path leads to another place now;
   * `replaced`, another directory has been mounted or moved over one of them.
   */
  check(): Promise<'same' | 'elsewhere' | 'replaced'>;
}

/** Below that, in a plain volume, only the re-check finds what changes. */
const WATCHED_DEPTH = 4;

/** Looks at a volume; while it is missing it counts as what it was before, a directory at first. */
export async function createWatchTarget(
  root: string,
  before: WatchTarget | undefined,
): Promise<WatchTarget> {
  const isDirectory = await stat(root).then(
    (stats) => stats.isDirectory(),
    () => before?.isFile !== true,
  );
  if (!isDirectory) return fileTarget(root);
  // A root that is itself a link can be turned, which is seen where the link stands.
  const isLink = (await linkedDirectory(root)) !== undefined;
  return !isLink && (await hasLayout(root)) ? layoutTarget(root) : directoryTarget(root);
}

/**
 * A volume in the kubelet's layout: one watch on its root tells of each swap. With chokidar, which
 * looks at the directory before it passes an event on, a swap would be told later.
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
 * A directory and its subdirectories, never `..data` nor a file: both go deaf after the first swap.
 * While it does not exist, chokidar waits for it from the nearest directory above that does.
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
      // While the root is missing, a directory above it is watched, where all sorts of things go on.
      const isAbove = root !== watched && isInside(watched, root);
      if (isAbove && name !== null && !isInside(join(watched, name), root)) return 'nothing';
      return 'change';
    },
    check: async () => {
      const now = await identityOf(root);
      if (now === identity) return 'same';
      if (now === NO_DIRECTORY) return 'elsewhere';
      // One that went or came is followed by chokidar itself.
      if (now === undefined || identity === undefined) {
        identity = now;
        return 'same';
      }
      // A link may lead elsewhere each time; otherwise something was mounted or moved over the root.
      return real === undefined ? 'replaced' : 'elsewhere';
    },
  };
}

/**
 * A single file: the directories in which its name, and those of links to it, stand. A file that is
 * mounted by itself tells nothing there, as it stands in another directory in truth; but nothing can
 * be renamed into its place, so there the watch is on the file.
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
      if (now.endsAt === 'directory' || textOf(now.names) !== textOf(names)) return 'elsewhere';
      return (await identitiesOf(directories)) === identities ? 'same' : 'replaced';
    },
  };
}

/** inotify tells that the watched directory was removed, moved or unmounted as a rename of its name. */
function isSelf(event: string, name: string | null, watchedPath: string): boolean {
  return event === 'rename' && name === basename(watchedPath);
}

/**
 * Names of the layout are not followed up, as `raw` tells of them anyway. So a kubelet's volume
 * costs the one watch on its root, and a plain volume one for each of its directories.
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

/** Whether `..data` stands there, wherever it leads. */
async function hasLayout(root: string): Promise<boolean> {
  return lstat(join(root, DATA_LINK)).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
}

const NO_DIRECTORY = 'no directory';

/** Tells a directory from another one at the same path; undefined while there is nothing. */
async function identityOf(root: string): Promise<string | undefined> {
  return stat(root, { bigint: true }).then(
    (stats) => (stats.isDirectory() ? `${stats.dev} ${stats.ino}` : NO_DIRECTORY),
    () => undefined,
  );
}

async function identitiesOf(paths: readonly string[]): Promise<string> {
  return (await Promise.all(paths.map(identityOf))).join(', ');
}

function textOf(names: ReadonlyMap<string, ReadonlySet<string>>): string {
  return JSON.stringify([...names].map(([directory, inside]) => [directory, ...inside]));
}

/** Where the root leads if it is itself a link, whose directory must be watched beside the link. */
async function linkedDirectory(root: string): Promise<string | undefined> {
  try {
    return (await lstat(root)).isSymbolicLink() ? await realpath(root) : undefined;
  } catch {
    return undefined;
  }
}
