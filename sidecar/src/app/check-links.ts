import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import { HANG_MS } from '@lastgood/core/source/source.ts';
import { checkOverlaps } from '../settings/between-bundles.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * Applies the rules on overlapping directories to where their links lead: lastgood would otherwise capture
 * and publish its own state, with the secrets in it. Rejects with LG_SETTINGS_INVALID. Does not wait for
 * a file system that hangs.
 */
export async function refuseLinkedOverlaps(
  { stateDir, bundles }: Pick<Settings, 'stateDir' | 'bundles'>,
  clock: Clock,
): Promise<void> {
  const real = async () => ({
    stateDir: stateDir === undefined ? undefined : await realPathOf(stateDir),
    bundles: await Promise.all(bundles.map(realPathsIn)),
  });
  const done = new AbortController();
  const timeout = clock.sleep(HANG_MS, done.signal).then(
    () => undefined,
    () => undefined,
  );
  const resolved = await Promise.race([real(), timeout]);
  done.abort();
  if (resolved === undefined) return;
  const [issue] = checkOverlaps(resolved.bundles, resolved.stateDir);
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
