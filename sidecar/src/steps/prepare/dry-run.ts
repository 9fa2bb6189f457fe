import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findingFrom } from '@lastgood/core/model/error.ts';
import type { Ports } from '../../runner/ports.ts';
import type { BundleSettings } from '../../settings/settings.ts';
import { preparePublished } from '../publish/prepare-directory.ts';
import { publish } from '../publish/publish.ts';
import { createPrepare, type PrepareOptions } from './prepare.ts';

/** Two dots: apps and the layout of the published directory pass over it. */
const DRY_RUN_DIR = '..dry-run';

/** Removes the copy that a killed sidecar has left. */
export async function sweepDryRun(published: string): Promise<void> {
  await rm(join(published, DRY_RUN_DIR), { recursive: true, force: true });
}

/** Asks for dry runs, each on a copy beside what is published; in direct mode on the volume itself. */
export function createDryRun(
  { prepare, publish: published, mountedAt }: BundleSettings,
  options: PrepareOptions,
): NonNullable<Ports['prepare']> {
  const { clock } = options;
  const ask = createPrepare(prepare, options);
  if (published === undefined)
    return ({ event }, signal) => ask({ ...event, dir: mountedAt }, signal);
  const dir = join(published, DRY_RUN_DIR);
  return async ({ snapshot, event }, signal) => {
    try {
      await preparePublished(dir);
      await publish(snapshot, { dir, history: 0, clock });
      return await ask({ ...event, dir: join(mountedAt, DRY_RUN_DIR) }, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return { answer: 'fault', findings: [findingFrom(error)] };
    } finally {
      await rm(dir, { recursive: true, force: true }).catch(() => {});
    }
  };
}
