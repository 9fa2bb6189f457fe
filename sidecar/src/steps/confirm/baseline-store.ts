import { readStateFile, writeStateFile } from '../../io/fs/state-file.ts';

/** What a metric was before the app was notified. */
export interface ConfirmBaseline {
  readonly wallMs: number;
  /** The newest time of the series; -Infinity if there was none, or if the app was absent. */
  readonly newest: number;
  /** The sum of the series; 0 if there was none, or if the app was absent. Undefined: unreadable. */
  readonly sum: number | undefined;
}

/** A rollout, its rollback, and a newer one that has superseded it: there are never more at a time. */
const MAX_BASELINES = 8;

/**
 * Baselines by rollout; a rollback has its own. Without a path they last only as long as this process.
 * `add` returns when it is on disk. Never rejects.
 */
export function openBaselineStore(path: string | undefined) {
  let known: Promise<Map<string, ConfirmBaseline>> | undefined;
  return {
    find: async (rollout: string) => {
      known ??= readBaselines(path);
      return (await known).get(rollout);
    },
    add: async (rollout: string, baseline: ConfirmBaseline) => {
      known ??= readBaselines(path);
      const baselines = await known;
      baselines.set(rollout, baseline);
      for (const oldest of [...baselines.keys()].slice(0, -MAX_BASELINES)) baselines.delete(oldest);
      // If this fails, so does the journal beside it, and that error is reported.
      if (path !== undefined) await writeStateFile(path, [...baselines]).catch(() => {});
    },
  };
}

/** Empty for a file that was interrupted, or that is of another version of lastgood. */
async function readBaselines(path: string | undefined): Promise<Map<string, ConfirmBaseline>> {
  if (path === undefined) return new Map();
  try {
    const entries = (await readStateFile(path)) as readonly [string, ConfirmBaseline][];
    // JSON has no infinity, and writes null for it.
    return new Map(
      entries.map(([key, value]) => [key, { ...value, newest: value.newest ?? -Infinity }]),
    );
  } catch {
    return new Map();
  }
}
