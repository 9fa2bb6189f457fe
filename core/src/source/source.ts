import { resolve } from 'node:path';
import type { Clock } from '../model/clock.ts';
import { findingOf } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import type { Watch } from './directory-watcher.ts';
import { createIdleTimer } from './idle-timer.ts';
import { findUnchanging } from './mounts.ts';
import { type VolumeWatcher, watchVolume } from './volume-watcher.ts';

/** What made the source say "look again"; for the log and a metric, not for decisions. */
export type ChangeReason = 'start' | 'swap' | 'change' | 'recheck' | 'poll';

export interface SourceOptions {
  /** The volumes' directories and files; they need not exist yet. */
  readonly paths: readonly string[];
  /** So much quiet is waited for after a change; ten times that at the most. */
  readonly settleMs: number;
  /** The slow look that needs no event (P3); default 60 s. */
  readonly recheckMs?: number;
  readonly clock: Clock;
  /** Look again: something changed, or may have. At most twice in one turn of the event loop. */
  readonly onChange: (why: ChangeReason) => void;
  /** A watch does not work, or had to be set anew; LG_SOURCE_WATCH, once until it works again. */
  readonly onTrouble?: (finding: Finding) => void;
  /** A watch that did not work does so again; `path` is the volume's. */
  readonly onRestored?: (path: string) => void;
  /** At the start, of what can never change; LG_SOURCE_NEVER_CHANGES. */
  readonly onWarning?: (finding: Finding) => void;
  /** For tests; default chokidar's. */
  readonly watch?: Watch;
}

export interface Source {
  /** Resolves when the watches are set, after which no change is missed; 'start' is said then. */
  readonly ready: Promise<void>;
  /** Ends everything; `onChange` is not called any more. Does not reject. */
  close(): Promise<void>;
}

const RECHECK_MS = 60_000;

/**
 * Any event but a swap is only a hint: a plain file may be half-written, a swap's own event may be
 * lost. So much quiet after the last of them, and it is looked again.
 */
const CHANGE_QUIET_MS = 100;

/** How often it is looked while a watch is broken; a look at an unchanged volume takes 1 ms. */
const POLL_MS = 1_000;

/** A file system that hangs must hold up neither the start nor the stop. */
const HANG_MS = 1_000;

/**
 * Notices that a volume changed, and says no more than "look again": what is there, capture reads.
 * A swap is told at once. Whatever inotify drops, merges or cannot watch at all, the re-check finds.
 */
export function watchVolumes(options: SourceOptions): Source {
  const { clock, settleMs } = options;
  const abort = new AbortController();
  const { signal } = abort;
  const look = coalesced(options.onChange, signal);
  const quietOf = (idleMs: number, why: ChangeReason) =>
    createIdleTimer({ idleMs, clock, signal, onIdle: () => look(why) });
  const swaps = quietOf(settleMs, 'swap');
  const stirs = createIdleTimer({
    idleMs: Math.max(CHANGE_QUIET_MS, settleMs),
    clock,
    signal,
    onIdle: () => {
      look('change');
      for (const root of roots) void root.refresh();
    },
  });
  /** A look that no event asks for must not fall into the quiet that one does: that ends in a look. */
  const lookBetween = (why: ChangeReason) => {
    if (!swaps.isWaiting && !stirs.isWaiting) look(why);
  };
  const isPolled = () => roots.some((root) => root.isBroken());
  const polling = pollingWhile(isPolled, () => lookBetween('poll'), clock, signal);
  const trouble = (root: string, reason: string) =>
    options.onTrouble?.(findingOf('LG_SOURCE_WATCH', [root, reason]));
  const paths = [...new Set(options.paths.map((path) => resolve(path)))];
  const roots: readonly VolumeWatcher[] = paths.map((root) =>
    watchVolume({
      root,
      onSwap: () => (settleMs > 0 ? swaps.touch() : look('swap')),
      onStir: () => {
        // With settle, volumes that change together are joined, whatever their kind.
        if (swaps.isWaiting) swaps.touch();
        stirs.touch();
      },
      onBroken: (reason) => {
        trouble(root, `${reason}; it is polled each second until it can be watched again`);
        polling.begin();
      },
      onRestored: () => options.onRestored?.(root),
      onReplaced: () =>
        trouble(root, 'another directory has taken its place, and is watched from now on'),
      watch: options.watch,
    }),
  );
  const recheck = () => {
    lookBetween('recheck');
    for (const root of roots) void root.refresh().then(root.retry);
  };
  const warn = async () => {
    for (const finding of await findUnchanging(paths)) {
      if (!signal.aborted) options.onWarning?.(finding);
    }
  };
  void everySo(options.recheckMs ?? RECHECK_MS, clock, signal, recheck);
  return {
    ready: unlessHanging([...roots.map((root) => root.ready), warn()], clock).then(() =>
      look('start'),
    ),
    close: async () => {
      abort.abort();
      await unlessHanging(
        roots.map((root) => root.close()),
        clock,
      );
    },
  };
}

/**
 * Passes on the first look of a turn of the event loop right away, as each wait here is a wait of
 * the app, and all others of that turn as one when it ends.
 */
function coalesced(
  onChange: (why: ChangeReason) => void,
  signal: AbortSignal,
): (why: ChangeReason) => void {
  let phase: 'idle' | 'told' | 'asked' = 'idle';
  const tell = (why: ChangeReason) => {
    if (!signal.aborted) onChange(why);
  };
  return (why) => {
    if (phase === 'idle') {
      phase = 'told';
      queueMicrotask(() => tell(why));
      setImmediate(() => {
        phase = 'idle';
      });
    } else if (phase === 'told') {
      phase = 'asked';
      setImmediate(() => tell(why));
    }
  };
}

/** Looks from time to time for as long as `isNeeded`, each time after it was begun. */
function pollingWhile(
  isNeeded: () => boolean,
  look: () => void,
  clock: Clock,
  signal: AbortSignal,
): { begin(): void } {
  let isRunning = false;
  const run = async () => {
    isRunning = true;
    while (!signal.aborted && isNeeded()) {
      look();
      await clock.sleep(POLL_MS, signal).catch(() => {});
    }
    isRunning = false;
  };
  return {
    begin: () => {
      if (!isRunning) void run();
    },
  };
}

async function everySo(
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

/** Waits for all of it, but not longer than `HANG_MS`. */
async function unlessHanging(work: readonly Promise<void>[], clock: Clock): Promise<void> {
  const done = new AbortController();
  const patience = clock.sleep(HANG_MS, done.signal).catch(() => {});
  await Promise.race([Promise.allSettled(work), patience]);
  done.abort();
}
