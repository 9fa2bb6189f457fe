import { resolve } from 'node:path';
import { type Filter, filterOf } from '../fs/globs.ts';
import { type Clock, endsWithin } from '../model/clock.ts';
import { findingOf } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import type { VolumeSettings } from '../model/volume-settings.ts';
import type { Watch } from './directory-watcher.ts';
import { createIdleTimer } from './idle-timer.ts';
import { checkMounts } from './mounts.ts';
import { type VolumeWatcher, watchVolume } from './volume-watcher.ts';

/** Why the source calls `onChange`; for the log and a metric, not for decisions. */
export type ChangeReason = 'start' | 'swap' | 'change' | 'recheck' | 'poll';

type WatchedVolume = Pick<VolumeSettings, 'path' | 'include' | 'exclude'>;

export interface SourceOptions {
  /** Their directories and files need not exist yet. Files that are left out do not count. */
  readonly volumes: readonly WatchedVolume[];
  /** Idle time to wait for after a change; at most ten times as long. */
  readonly settleMs: number;
  /** Between two re-checks, which need no event (P3); default 60 s. */
  readonly recheckMs?: number;
  readonly clock: Clock;
  /** Something has changed, or may have. At most two calls in one turn of the event loop. */
  readonly onChange: (why: ChangeReason) => void;
  /** A watch failed or had to be replaced: LG_SOURCE_WATCH, once until it works again. */
  readonly onProblem?: (finding: Finding) => void;
  /** A failed watch works again; `path` is the volume's. */
  readonly onRestored?: (path: string) => void;
  /** Called at the start for each mount that never changes, or that lastgood does not read. */
  readonly onWarning?: (finding: Finding) => void;
  /** For tests. */
  readonly watch?: Watch;
}

export interface Source {
  /** Resolves when the watches are set, with a call of `onChange`; from then on no change is missed. */
  readonly ready: Promise<void>;
  /** Stops everything; `onChange` is then not called any more. Does not reject. */
  close(): Promise<void>;
}

const RECHECK_MS = 60_000;

/**
 * Every event except a swap is only a hint: a plain file may be half-written, and the event of a swap
 * may be lost. So the source waits until there were no events for this long.
 */
const CHANGE_IDLE_MS = 100;

/** Between two polls while a watch is broken; reading an unchanged volume takes 1 ms. */
export const POLL_MS = 1_000;

/** A file system that hangs must not block the start or the stop. */
export const HANG_MS = 1_000;

/**
 * Notices that a volume may have changed, and leaves reading it to capture. Reports a swap at once. The
 * re-check finds whatever inotify drops, merges or cannot watch.
 */
export function watchVolumes(options: SourceOptions): Source {
  const { clock, settleMs } = options;
  const abort = new AbortController();
  const { signal } = abort;
  const notify = coalesce(options.onChange, signal);
  const swaps = createIdleTimer({ idleMs: settleMs, clock, signal, onIdle: () => notify('swap') });
  const changes = createIdleTimer({
    idleMs: Math.max(CHANGE_IDLE_MS, settleMs),
    clock,
    signal,
    onIdle: () => {
      notify('change');
      for (const watcher of watchers) void watcher.refresh();
    },
  });
  /** Does nothing while an event is settling, which ends in a notification anyway. */
  const notifyIfIdle = (why: ChangeReason) => {
    if (!swaps.isWaiting && !changes.isWaiting) notify(why);
  };
  const isPolled = () => watchers.some((watcher) => watcher.isBroken());
  const startPolling = createPolling(isPolled, () => notifyIfIdle('poll'), clock, signal);
  const report = (root: string, reason: string) =>
    options.onProblem?.(findingOf('LG_SOURCE_WATCH', [root, reason]));
  const filters = filtersOf(options.volumes);
  const paths = [...filters.keys()];
  const watchers: readonly VolumeWatcher[] = [...filters].map(([root, filter]) =>
    watchVolume({
      root,
      filter,
      onSwap: () => (settleMs > 0 ? swaps.touch() : notify('swap')),
      onChange: () => {
        // With settle, volumes that change together are joined, whatever their kind.
        if (swaps.isWaiting) swaps.touch();
        changes.touch();
      },
      onBroken: (reason) => {
        report(root, `${reason}; lastgood polls it every second until it can be watched again`);
        void startPolling();
      },
      onRestored: () => options.onRestored?.(root),
      onReplaced: () => report(root, 'it was replaced by another directory, which is now watched'),
      watch: options.watch,
    }),
  );
  const recheck = () => {
    notifyIfIdle('recheck');
    for (const watcher of watchers) void watcher.refresh().then(watcher.retry);
  };
  const warn = async () => {
    for (const finding of await checkMounts(paths)) {
      if (!signal.aborted) options.onWarning?.(finding);
    }
  };
  void repeat(options.recheckMs ?? RECHECK_MS, clock, signal, recheck);
  const setting = Promise.allSettled([...watchers.map((watcher) => watcher.ready), warn()]);
  return {
    ready: endsWithin(setting, HANG_MS, clock).then(() => notify('start')),
    close: async () => {
      abort.abort();
      const closing = Promise.allSettled(watchers.map((watcher) => watcher.close()));
      await endsWithin(closing, HANG_MS, clock);
    },
  };
}

/** By path, of which two volumes may have the same. */
function filtersOf(volumes: readonly WatchedVolume[]): ReadonlyMap<string, Filter> {
  const byPath = Map.groupBy(volumes, ({ path }) => resolve(path));
  return new Map(
    byPath.entries().map(([path, same]) => {
      const filters = same.map(filterOf);
      const includes = (file: string) => filters.some((each) => each.includes(file));
      const skips = (file: string) => filters.every((each) => each.skips(file));
      return [path, { includes, skips }];
    }),
  );
}

/**
 * Passes on the first call in a turn of the event loop right away, because the app waits for it, and
 * all others of that turn as one at its end.
 */
function coalesce(
  onChange: (why: ChangeReason) => void,
  signal: AbortSignal,
): (why: ChangeReason) => void {
  let phase: 'idle' | 'notified' | 'pending' = 'idle';
  const notify = (why: ChangeReason) => {
    if (!signal.aborted) onChange(why);
  };
  return (why) => {
    if (phase === 'idle') {
      phase = 'notified';
      queueMicrotask(() => notify(why));
      setImmediate(() => {
        phase = 'idle';
      });
    } else if (phase === 'notified') {
      phase = 'pending';
      setImmediate(() => notify(why));
    }
  };
}

/** Returns a function that starts polling, which goes on for as long as it is needed. */
function createPolling(
  isNeeded: () => boolean,
  poll: () => void,
  clock: Clock,
  signal: AbortSignal,
): () => Promise<void> {
  let isRunning = false;
  return async () => {
    if (isRunning) return;
    isRunning = true;
    while (!signal.aborted && isNeeded()) {
      poll();
      await clock.sleep(POLL_MS, signal).catch(() => {});
    }
    isRunning = false;
  };
}

async function repeat(
  ms: number,
  clock: Clock,
  signal: AbortSignal,
  work: () => void,
): Promise<void> {
  for (;;) {
    await clock.sleep(ms, signal).catch(() => {});
    if (signal.aborted) return;
    work();
  }
}
