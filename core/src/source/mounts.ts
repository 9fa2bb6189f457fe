import { realpath, stat } from 'node:fs/promises';
import { isInside } from '../fs/is-inside.ts';
import { type Mount, mountOf, readMounts } from '../fs/mount-table.ts';
import { warningOf } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';

/**
 * A mount of a timestamped directory of the kubelet, or of something in it, as `subPath` makes it: the
 * next swap leads `..data` to another directory, and the mount stays.
 * Source: kubelet pkg/volume/util/atomic_writer.go (the name), subpath_linux.go (the bind mount).
 */
const TIMESTAMPED = /\/\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+(?:\/|$)/;

const SUB_PATH = 'is mounted by subPath, which never updates';
const ONE_FILE =
  'is a mount of one file, which shows no change that renames a new file into its place';

/**
 * Finds volumes, and mounts below them, that can never change; a warning for each. The mounts of a
 * container are made before it starts, so one check is enough. Finds nothing if the system has no list
 * of mounts. Never rejects.
 */
export async function findUnchanging(paths: readonly string[]): Promise<readonly Finding[]> {
  const byMountPoint = new Map((await readMounts()).map((mount) => [mount.mountPoint, mount]));
  const mounts = [...byMountPoint.values()];
  const findings = new Map<string, Finding>();
  for (const path of paths) {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) continue;
    const around = mountOf(real, mounts);
    const below = mounts.filter(({ mountPoint }) => isInside(real, mountPoint));
    for (const mount of new Set(around === undefined ? below : [around, ...below])) {
      const why = await explainUnchanging(mount);
      if (why === undefined) continue;
      const shown = isInside(real, mount.mountPoint)
        ? `${path}${mount.mountPoint.slice(real.length)}`
        : path;
      findings.set(shown, warningOf('LG_SOURCE_NEVER_CHANGES', [shown, why]));
    }
  }
  return [...findings.values()];
}

async function explainUnchanging({ root, mountPoint }: Mount): Promise<string | undefined> {
  if (TIMESTAMPED.test(root)) return SUB_PATH;
  const isFile = await stat(mountPoint).then(
    (stats) => stats.isFile(),
    () => false,
  );
  return isFile ? ONE_FILE : undefined;
}
