import { realpath, stat } from 'node:fs/promises';
import { isInside } from '../fs/is-inside.ts';
import { hasDataLink } from '../fs/kubelet-layout.ts';
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
 * Finds volumes, and mounts below them, that can never change, and mounts that hide in a volume of the
 * kubelet; a warning for each. The mounts of a container are made before it starts, so one check is
 * enough. Finds nothing if the system has no list of mounts. Never rejects.
 */
export async function checkMounts(paths: readonly string[]): Promise<readonly Finding[]> {
  const byMountPoint = new Map((await readMounts()).map((mount) => [mount.mountPoint, mount]));
  const mounts = [...byMountPoint.values()];
  const reals = await Promise.all(paths.map((path) => realpath(path).catch(() => undefined)));
  const findings = new Map<string, Finding>();
  for (const [index, path] of paths.entries()) {
    const real = reals[index];
    if (real === undefined) continue;
    const around = mountOf(real, mounts);
    const below = mounts.filter(({ mountPoint }) => isInside(real, mountPoint));
    const isKubelets = await hasDataLink(real);
    for (const mount of new Set(around === undefined ? below : [around, ...below])) {
      const { mountPoint } = mount;
      const shown = isInside(real, mountPoint) ? `${path}${mountPoint.slice(real.length)}` : path;
      const why = await explainUnchanging(mount);
      if (why !== undefined)
        findings.set(shown, warningOf('LG_SOURCE_NEVER_CHANGES', [shown, why]));
      // Only what `..data` leads to is read there, and a mount is beside it.
      else if (isKubelets && shown !== path && !reals.includes(mountPoint))
        findings.set(shown, warningOf('LG_SOURCE_NESTED_MOUNT', [shown, path]));
    }
  }
  return [...findings.values()];
}

async function explainUnchanging({ root, mountPoint }: Mount): Promise<string | undefined> {
  if (TIMESTAMPED.test(root)) return SUB_PATH;
  const stats = await stat(mountPoint).catch(() => undefined);
  return stats?.isFile() ? ONE_FILE : undefined;
}
