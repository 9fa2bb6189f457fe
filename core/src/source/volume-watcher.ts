import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../model/error.ts';
import type { Watch, Watcher } from './directory-watcher.ts';
import { isInside } from './resolve-symlinks.ts';
import { createWatchTarget, type WatchTarget } from './watch-target.ts';

export interface VolumeWatcherOptions {
  /** Absolute, without a trailing slash. */
  readonly root: string;
  readonly onSwap: () => void;
  /** Anything else that may have changed the volume. */
  readonly onStir: () => void;
  /** The watch does not work; told once, until `onRestored`. */
  readonly onBroken: (reason: string) => void;
  /** A watch that was told to be broken works again. */
  readonly onRestored: () => void;
  /** Another directory was mounted or moved over the root, and is watched now. */
  readonly onReplaced: () => void;
  readonly watch?: Watch | undefined;
}

/** The watch on one volume: a directory or a single file, whichever its path leads to at the time. */
export interface VolumeWatcher {
  /** Resolves when the watch is set, or turned out not to be possible. */
  readonly ready: Promise<void>;
  /** There is no watch: somebody has to look from time to time. */
  isBroken(): boolean;
  /** Sets the watch anew if it is no longer on what the path leads to. */
  refresh(): Promise<void>;
  /** Sets the watch anew if it is broken. */
  retry(): Promise<void>;
  close(): Promise<void>;
}

const PERMISSION: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/** Watches a volume. One that does not exist is waited for from the nearest directory that does. */
export function watchVolume(options: VolumeWatcherOptions): VolumeWatcher {
  const { root, onBroken, onRestored, onReplaced, onStir, onSwap } = options;
  let phase: 'opening' | 'watching' | 'broken' | 'retrying' | 'closed' = 'opening';
  let view: WatchTarget | undefined;
  let watcher: Watcher | undefined;
  let reopening: Promise<void> | undefined;
  /** The watched directory may be gone, though an equal one stands there, unless it has this entry. */
  let doubt: string | undefined;

  const fail = (error: unknown) => {
    if (phase === 'closed' || phase === 'broken' || isBelow(root, error)) return;
    const isKnown = phase === 'retrying';
    phase = 'broken';
    if (!isKnown) onBroken(reasonOf(error));
  };

  const onRaw = (event: string, name: string | null, watchedPath: string) => {
    const meaning = view?.meaningOf(event, name, watchedPath);
    if (meaning === 'self') doubt = join(watchedPath, name ?? '');
    if (meaning === 'swap') onSwap();
    else if (meaning !== 'nothing') onStir();
  };

  const open = async () => {
    // Before the watch is set, so that what is replaced in between is found by the check below.
    const found = await createWatchTarget(root, view);
    if (phase === 'closed') return;
    phase = phase === 'broken' ? 'retrying' : 'opening';
    view = found;
    doubt = undefined;
    const isReady = Promise.withResolvers<void>();
    try {
      const opened = (options.watch ?? found.watch)(found.paths, found.options);
      watcher = opened;
      opened.on('error', (error) => watcher === opened && fail(error));
      opened.on('ready', isReady.resolve);
      // Slower than `raw`, but it also tells when a directory that appeared is watched at last.
      opened.on('all', onStir);
      opened.on('raw', (event, name, { watchedPath = root }) => onRaw(event, name, watchedPath));
    } catch (error) {
      fail(error);
      isReady.resolve();
    }
    await isReady.promise;
    if ((await found.check()) !== 'same') onStir();
    if (phase === 'retrying') onRestored();
    if (phase === 'retrying' || phase === 'opening') phase = 'watching';
  };

  const reopen = async () => {
    await watcher?.close();
    await open();
    // What changed between the old watch and the new one, nobody was told of; without one it is polled.
    if (phase === 'watching') onStir();
  };

  const refresh = async () => {
    if (phase !== 'watching' || view === undefined) return;
    const doubted = doubt;
    doubt = undefined;
    const found = await view.check();
    if (found === 'same' && (doubted === undefined || !(await isThere(root)))) return;
    if (found === 'same' && doubted !== undefined && (await isThere(doubted))) return;
    if (found === 'replaced') onReplaced();
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
    isBroken: () => phase === 'broken' || phase === 'retrying',
    refresh: () => only(refresh),
    retry: () => (phase === 'broken' ? only(reopen) : Promise.resolve()),
    close: async () => {
      phase = 'closed';
      await watcher?.close();
    },
  };
}

/** A directory inside a plain volume may be closed to us, like the `lost+found` of a disk. */
function isBelow(root: string, error: unknown): boolean {
  const { code = '', path } = error as NodeJS.ErrnoException;
  return PERMISSION.has(code) && path !== undefined && path !== root && isInside(root, path);
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
