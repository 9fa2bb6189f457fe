import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findingFrom } from '@lastgood/core/model/error.ts';
import type { PrepareEvent } from '@lastgood/core/model/reload-event.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { BundleSettings } from '../../settings/settings.ts';
import { createPrepare, type Prepared, type PrepareOptions } from './prepare.ts';

/** Two dots: apps and the layout of the published directory ignore it. */
const DRY_RUN_DIR = '..dry-run';

/** A snapshot for a dry run, and its event except for the directory. */
export interface DryRun {
  readonly snapshot: Snapshot;
  readonly event: Omit<PrepareEvent, 'dir'>;
}

export interface DryRunOptions extends PrepareOptions {
  /** Writes a copy of the snapshot into a directory, which it creates. */
  readonly publishCopy: (snapshot: Snapshot, dir: string) => Promise<void>;
}

/** Removes a copy that a killed sidecar left behind. */
export async function sweepDryRun(published: string): Promise<void> {
  await rm(join(published, DRY_RUN_DIR), { recursive: true, force: true });
}

/** Dry runs, each on a copy beside the published files; in direct mode on the volume itself. */
export function createDryRun(
  { prepare, publish: published, mountedAt }: BundleSettings,
  { publishCopy, ...options }: DryRunOptions,
): (request: DryRun, signal: AbortSignal) => Promise<Prepared> {
  const ask = createPrepare(prepare, options);
  if (published === undefined)
    return ({ event }, signal) => ask({ ...event, dir: mountedAt }, signal);
  const dir = join(published, DRY_RUN_DIR);
  return async ({ snapshot, event }, signal) => {
    try {
      await publishCopy(snapshot, dir);
      return await ask({ ...event, dir: join(mountedAt, DRY_RUN_DIR) }, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return { answer: 'fault', findings: [findingFrom(error)] };
    } finally {
      await rm(dir, { recursive: true, force: true }).catch(() => {});
    }
  };
}
