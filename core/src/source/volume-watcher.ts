import { access, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Filter } from '../fs/globs.ts';
import { isInside } from '../fs/is-inside.ts';
import { reasonOf } from '../model/error.ts';
import {
  type RawListener,
  type Watch,
  type Watcher,
  watchDirectories,
} from './directory-watcher.ts';
import { createWatchTarget, type WatchTarget } from './watch-target.ts';

export interface VolumeWatcherOptions {
  /** Absolute, without a trailing slash. */
  readonly root: string;
  /** Which files count. */
  readonly filter: Filter;
  readonly onSwap: () => void;
  /** Something else may have changed the volume. */
  readonly onChange: () => void;
  /** The watch does not work. Not called again before `onRestored`. */
  readonly onBroken: (reason: string) => void;
  /** A broken watch works again. */
  readonly onRestored: () => void;
  /** Another directory was mounted or moved over the root, and is now watched. */
  readonly onReplaced: () => void;
  readonly watch?: Watch | undefined;
}

/** The watch on a volume, which is a directory or a file, and may become the other. */
export interface VolumeWatcher {
  /** Resolves when the watch is set, or has failed. */
  readonly ready: Promise<void>;
  /** The caller must then poll. */
  isBroken(): boolean;
  /** Replaces the watch if it is no longer on what the path leads to. */
  refresh(): Promise<void>;
  /** Replaces the watch if it is broken. */
  retry(): Promise<void>;
  close(): Promise<void>;
}

/** Names to look at, at a time: a program may write thousands of them. */
const MAX_INSPECTING = 16;

/** Watches a volume, which need not exist: then the watch is on the nearest directory that does. */
export function watchVolume(options: VolumeWatcherOptions): VolumeWatcher {
  const { root, filter, onBroken, onRestored, onReplaced, onChange, onSwap } = options;
  let phase: 'opening' | 'watching' | 'broken' | 'retrying' | 'closed' = 'opening';
  let target: WatchTarget | undefined;
  let watcher: Watcher | undefined;
  const runInTurn = createSerialRun();
  /** A watched directory may have been replaced by one that looks the same, unless these exist. */
  let suspects = new Set<string>();
  /** A watch was set on another directory than the one that was found. */
  let isMisplaced = false;

  const fail = (error: unknown) => {
    if (phase === 'closed' || phase === 'broken' || isBelow(target?.top ?? root, error)) return;
    const isKnown = phase === 'retrying';
    phase = 'broken';
    if (!isKnown) onBroken(reasonOf(error));
  };

  const inspect = createInspector(() => phase !== 'closed' && onChange());

  const onRaw: RawListener = (event, name, { watchedPath = root }) => {
    const meaning = target?.meaningOf(event, name, watchedPath);
    if (meaning === 'self') suspects.add(join(watchedPath, name ?? ''));
    if (meaning === 'swap') onSwap();
    else if (meaning === 'unless-file') inspect(join(watchedPath, name ?? ''));
    else if (meaning !== 'nothing') onChange();
  };

  const open = async () => {
    // Before the watch is set, so that the check below finds a replacement in between.
    const found = await createWatchTarget(root, filter);
    if (phase === 'closed') return;
    phase = phase === 'broken' ? 'retrying' : 'opening';
    target = found;
    suspects = new Set();
    isMisplaced = false;
    try {
      const opened = (options.watch ?? watchDirectories)(found.paths, (path) => {
        if (!found.isAt(path)) isMisplaced = true;
      });
      watcher = opened;
      await listen(opened, onRaw, onChange, (error) => watcher === opened && fail(error));
    } catch (error) {
      fail(error);
    }
    if (isMisplaced || !(await found.isCurrent())) onChange();
    if (phase === 'retrying') onRestored();
    if (phase === 'retrying' || phase === 'opening') phase = 'watching';
  };

  const reopen = async () => {
    await watcher?.close();
    await open();
    // No watch has seen a change between the old one and the new one. A broken one is polled.
    if (phase === 'watching') onChange();
  };

  const refresh = async () => {
    if (phase !== 'watching' || target === undefined) return;
    const entries = [...suspects];
    suspects = new Set();
    const before = target;
    if (!isMisplaced && (await before.isCurrent()) && (await allExist(entries))) return;
    await reopen();
    // Compares what was watched with what is watched now, as a mount may come during the check.
    if (phase === 'watching' && isReplaced(before, target)) onReplaced();
  };

  const retry = async () => {
    if (phase === 'broken') await reopen();
  };

  return {
    ready: runInTurn(open),
    isBroken: () => phase === 'broken' || phase === 'retrying',
    refresh: () => runInTurn(refresh),
    retry: () => (phase === 'broken' ? runInTurn(retry) : Promise.resolve()),
    close: async () => {
      phase = 'closed';
      await watcher?.close();
    },
  };
}

/** Whether another directory was mounted or moved over a directory. */
function isReplaced(before: WatchTarget, now: WatchTarget): boolean {
  return now.place.entries().some(([path, identity]) => {
    const old = before.place.get(path);
    return old !== undefined && identity !== undefined && old !== identity;
  });
}

/** Connects a watch to its listeners. Resolves when it is set. */
async function listen(
  watcher: Watcher,
  onRaw: RawListener,
  onAny: () => void,
  onError: (error: unknown) => void,
): Promise<void> {
  watcher.on('error', onError);
  watcher.on('all', onAny);
  watcher.on('raw', onRaw);
  await new Promise<void>((resolve) => watcher.on('ready', resolve));
}

/** Reports a name that is left out only if it may be a directory, which may contain what counts. */
function createInspector(onRelevant: () => void): (path: string) => void {
  let inspecting = 0;
  return (path) => {
    if (inspecting === MAX_INSPECTING) return onRelevant();
    inspecting += 1;
    void isFileOrGone(path).then((isIrrelevant) => {
      inspecting -= 1;
      if (!isIrrelevant) onRelevant();
    });
  };
}

async function isFileOrGone(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return !(stats?.isDirectory() || stats?.isSymbolicLink());
}

/** A directory in a plain volume may be inaccessible, such as the `lost+found` of a disk. */
function isBelow(root: string, error: unknown): boolean {
  const { code = '', path } = error as NodeJS.ErrnoException;
  const isPermission = code === 'EACCES' || code === 'EPERM';
  return isPermission && path !== undefined && path !== root && isInside(root, path);
}

/**
 * Runs one piece of work at a time. A call while one runs starts its work after that, because what the
 * running one has read may already be out of date; more calls until then wait for the same work.
 */
function createSerialRun(): (work: () => Promise<void>) => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const run = (work: () => Promise<void>) => {
    running = work().finally(() => {
      running = undefined;
    });
    return running;
  };
  return (work) => {
    if (running === undefined) return run(work);
    next ??= running.then(() => {
      next = undefined;
      return run(work);
    });
    return next;
  };
}

async function allExist(paths: readonly string[]): Promise<boolean> {
  return Promise.all(paths.map((path) => access(path))).then(
    () => true,
    () => false,
  );
}
