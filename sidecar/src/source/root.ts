import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ChokidarOptions, watch as watchWithChokidar } from 'chokidar';
import { DATA_LINK, isLayoutName } from '../durable/layout.ts';
import { reasonOf } from '../errors.ts';

/** What is needed of chokidar's watcher; a test passes one that fails. */
export interface Watcher {
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'ready' | 'all', listener: () => void): unknown;
  on(event: 'raw', listener: RawListener): unknown;
  close(): Promise<void>;
}

/** `name` is that of the entry inside `watchedPath`, or null if the system did not tell. */
type RawListener = (event: string, name: string | null, details: { watchedPath?: string }) => void;

export type Watch = (paths: string[], options: ChokidarOptions) => Watcher;

export interface RootOptions {
  /** Absolute, without a trailing slash. */
  readonly root: string;
  readonly onSwap: () => void;
  /** Anything else that may have changed the volume. */
  readonly onStir: () => void;
  /** The watch does not work, or was set anew. */
  readonly onTrouble: (reason: string) => void;
  readonly watch?: Watch | undefined;
}

/** The watch on one volume's root directory. */
export interface RootWatch {
  /** Resolves when the watch is set, or turned out not to be possible. */
  readonly ready: Promise<void>;
  /** There is no watch: somebody has to look from time to time. */
  isBroken(): boolean;
  /** Sets the watch anew if another directory has taken the root's place. */
  refresh(): Promise<void>;
  /** Sets the watch anew if it is broken. */
  retry(): Promise<void>;
  close(): Promise<void>;
}

/** Below that, in a plain volume, only the re-check finds what changes. */
const WATCHED_DEPTH = 4;

const PERMISSION: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/**
 * Watches the directory and never `..data` nor a file in it: both go deaf after the first swap. A
 * root that does not exist is waited for from the nearest directory above that does.
 */
export function watchRoot(options: RootOptions): RootWatch {
  const { root, onTrouble, onStir, watch = watchWithChokidar as Watch } = options;
  let phase: 'opening' | 'watching' | 'broken' | 'closed' = 'opening';
  let identity: string | undefined;
  let isLink = false;
  let watcher: Watcher | undefined;
  let reopening: Promise<void> | undefined;

  const fail = (error: unknown) => {
    if (phase === 'closed' || phase === 'broken' || isBelow(root, error)) return;
    phase = 'broken';
    onTrouble(reasonOf(error));
  };

  const open = async () => {
    // Before the watch is set: if the root is replaced in between, the next refresh sets it anew.
    const [found, real] = await Promise.all([identityOf(root), linkedDirectory(root)]);
    if (phase === 'closed') return;
    phase = 'opening';
    identity = found;
    isLink = real !== undefined;
    const isReady = Promise.withResolvers<void>();
    try {
      const opened = watch(real === undefined ? [root] : [root, real], watchOptions(root));
      watcher = opened;
      opened.on('error', (error) => watcher === opened && fail(error));
      opened.on('ready', isReady.resolve);
      // Slower than `raw`, but it also tells when a directory that appeared is watched at last.
      opened.on('all', onStir);
      opened.on('raw', (event, name, { watchedPath = root }) => {
        onRaw(options, event, name, watchedPath === real ? root : watchedPath);
      });
    } catch (error) {
      fail(error);
      isReady.resolve();
    }
    await isReady.promise;
    if (phase === 'opening') phase = 'watching';
  };

  const reopen = async () => {
    await watcher?.close();
    await open();
    // What changed between the old watch and the new one, nobody was told of.
    onStir();
  };

  const refresh = async () => {
    const found = await identityOf(root);
    if (phase !== 'watching' || found === identity) return;
    const isReplaced = identity !== undefined && found !== undefined;
    identity = found;
    // One that went or came is followed by chokidar itself.
    if (!isReplaced) return;
    // A link may lead elsewhere each time; otherwise something was mounted or moved over the root.
    if (!isLink) onTrouble('another directory has taken its place');
    await reopen();
  };

  /** One at a time. */
  const only = (work: () => Promise<void>) => {
    reopening ??= work().finally(() => {
      reopening = undefined;
    });
    return reopening;
  };

  return {
    ready: open(),
    isBroken: () => phase === 'broken',
    refresh: () => only(refresh),
    retry: () => (phase === 'broken' ? only(reopen) : Promise.resolve()),
    close: async () => {
      phase = 'closed';
      await watcher?.close();
    },
  };
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

function onRaw(options: RootOptions, event: string, name: string | null, watched: string): void {
  const { root, onSwap, onStir } = options;
  if (watched === root && event === 'rename' && name === DATA_LINK) {
    onSwap();
    return;
  }
  // While the root is missing, a directory above it is watched, where all sorts of things go on.
  const isAbove = root !== watched && isInside(watched, root);
  if (!isAbove || name === null || isInside(join(watched, name), root)) onStir();
}

function isInside(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

/** A directory inside a plain volume may be closed to us, like the `lost+found` of a disk. */
function isBelow(root: string, error: unknown): boolean {
  const { code = '', path } = error as NodeJS.ErrnoException;
  return PERMISSION.has(code) && path?.startsWith(`${root}/`) === true;
}

/** Tells a directory from another one at the same path; undefined while there is none. */
async function identityOf(root: string): Promise<string | undefined> {
  return stat(root, { bigint: true }).then(
    ({ dev, ino }) => `${dev} ${ino}`,
    () => undefined,
  );
}

/** Where the root leads if it is itself a link, whose directory must be watched beside the link. */
async function linkedDirectory(root: string): Promise<string | undefined> {
  try {
    return (await lstat(root)).isSymbolicLink() ? await realpath(root) : undefined;
  } catch {
    return undefined;
  }
}
