import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Clock, endsWithin } from '@lastgood/core/model/clock.ts';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import { HANG_MS } from '@lastgood/core/source/source.ts';
import { checkOverlaps } from '../settings/between-bundles.ts';
import { subscribersOf } from '../settings/bundle.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * Applies the rules on overlapping directories to where their links lead: lastgood would otherwise capture
 * and publish its own state, with the secrets in it. Rejects with LG_SETTINGS_INVALID. Does not wait for
 * a file system that hangs.
 */
export async function refuseLinkedOverlaps(
  { stateDir, runDir, bundles }: Pick<Settings, 'stateDir' | 'runDir' | 'bundles'>,
  clock: Clock,
): Promise<void> {
  const resolving = Promise.all([
    stateDir === undefined ? undefined : realPathOf(stateDir),
    bundles.some(subscribersOf) ? realPathOf(runDir) : undefined,
    Promise.all(bundles.map(realPathsIn)),
  ]);
  if (!(await endsWithin(resolving, HANG_MS, clock))) return;
  const [realStateDir, realRunDir, realBundles] = await resolving;
  const [issue] = checkOverlaps(realBundles, { stateDir: realStateDir, runDir: realRunDir });
  if (issue !== undefined)
    throw new LastgoodError('LG_SETTINGS_INVALID', [`${issue.args[0]}, as its links lead`]);
}

async function realPathsIn(bundle: Settings['bundles'][number]) {
  const { name, volumes, publish, expand } = bundle;
  const real = async <T extends { readonly path: string }>(volume: T): Promise<T> => ({
    ...volume,
    path: await realPathOf(volume.path),
  });
  return {
    name,
    volumes: await Promise.all(volumes.map(real)),
    publish: publish === undefined ? undefined : await realPathOf(publish),
    // The file itself is replaced, so only its directory counts.
    expand: expand && { ...expand, to: await inRealDirectory(expand.to) },
  };
}

/** Also of a path that does not exist yet, from the nearest directory that does. Never rejects. */
async function realPathOf(path: string): Promise<string> {
  return realpath(path).catch(() => (path === '/' ? path : inRealDirectory(path)));
}

async function inRealDirectory(path: string): Promise<string> {
  return join(await realPathOf(dirname(path)), basename(path));
}
