import { EventEmitter } from 'node:events';
import { watch } from 'node:fs';

/** A watch on some directories; a test passes one that fails. */
export interface Watcher {
  on(event: 'error', listener: (error: unknown) => void): unknown;
  on(event: 'ready' | 'all', listener: () => void): unknown;
  on(event: 'raw', listener: RawListener): unknown;
  close(): Promise<void>;
}

/** `name` is the entry in `watchedPath`, or null if the system did not report it. */
export type RawListener = (
  event: string,
  name: string | null,
  details: { watchedPath?: string },
) => void;

/** `onSet` is called for each path as soon as the watch on it is set, in the same turn. */
export type Watch = (paths: readonly string[], onSet?: (path: string) => void) => Watcher;

/**
 * Watches only these directories, and never lists them: a file may have 100 000 neighbours. Emits `all`
 * for a directory that is already gone.
 */
export function watchDirectories(
  paths: readonly string[],
  onSet: (path: string) => void = () => {},
): Watcher {
  const events = new EventEmitter();
  const closing = new AbortController();
  const { signal } = closing;
  const set = (path: string) => {
    try {
      const watcher = watch(path, { signal });
      watcher.on('error', (error) => events.emit('error', error));
      watcher.on('change', (event, name) => {
        events.emit('raw', event, name, { watchedPath: path });
      });
      onSet(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The directory was removed just before the watch on it was set.
      const isGone = code === 'ENOENT' || code === 'ENOTDIR';
      events.emit(isGone ? 'all' : 'error', error);
    }
  };
  // The caller has no listener yet.
  queueMicrotask(() => {
    if (signal.aborted) return;
    for (const path of paths) set(path);
    events.emit('ready');
  });
  const close = async () => {
    events.removeAllListeners();
    // Ignores late errors.
    events.on('error', () => {});
    closing.abort();
  };
  return Object.assign(events, { close });
}
