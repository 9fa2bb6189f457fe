import { readFile, realpath, stat } from 'node:fs/promises';
import { warningOf } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import { isInside } from './resolve-symlinks.ts';

/** One line of `/proc/self/mountinfo`, as far as it is of use here. */
export interface Mount {
  /** What of the file system is mounted, as a path inside it. */
  readonly root: string;
  readonly mountPoint: string;
}

/** Source: Linux, Documentation/filesystems/proc.rst, 3.5: the fourth and the fifth field. */
const LINE = /^\d+ \d+ \S+ (?<root>\S+) (?<mountPoint>\S+) /;

/** Reads the kernel's list of mounts; later ones lie on top of earlier ones. */
export function mountsIn(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const { root, mountPoint } = LINE.exec(line)?.groups ?? {};
    if (root === undefined || mountPoint === undefined) return [];
    return { root: unescaped(root), mountPoint: unescaped(mountPoint) };
  });
}

/** Blank, tab, line feed and backslash stand there as three octal digits. */
function unescaped(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number(`0o${octal}`)));
}

/**
 * A mount of a directory that one swap of the kubelet made, or of what is in it: the next swap leads
 * `..data` elsewhere, and the mount stays. That is what `subPath` comes to.
 * Source: kubelet pkg/volume/util/atomic_writer.go (the name), subpath_linux.go (the bind mount).
 */
const TIMESTAMPED = /\/\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+(?:\/|$)/;

const SUB_PATH = 'is mounted by subPath, which never shows a change';
const ONE_FILE =
  'is a mount of one file, which shows no change that renames a new file into its place';

/**
 * Of these volumes, and of what is mounted below them, what can never change, each as a warning. A
 * container's mounts are made before it starts, so asking once is enough. Never rejects; where the
 * system has no such list of mounts, nothing is found.
 */
export async function findUnchanging(paths: readonly string[]): Promise<readonly Finding[]> {
  const mounts = await mountsNow();
  const byMountPoint = new Map(mounts.map((mount) => [mount.mountPoint, mount]));
  const findings = new Map<string, Finding>();
  for (const path of paths) {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) continue;
    const below = [...byMountPoint.values()].filter(({ mountPoint }) => isInside(real, mountPoint));
    for (const mount of new Set([mountOf(real, byMountPoint), ...below])) {
      const why = mount === undefined ? undefined : await whyUnchanging(mount);
      if (mount === undefined || why === undefined) continue;
      const shown = isInside(real, mount.mountPoint)
        ? `${path}${mount.mountPoint.slice(real.length)}`
        : path;
      findings.set(shown, warningOf('LG_SOURCE_NEVER_CHANGES', [shown, why]));
    }
  }
  return [...findings.values()];
}

/** Whether something is mounted at just this real path. Never rejects. */
export async function isMountPoint(real: string): Promise<boolean> {
  return (await mountsNow()).some(({ mountPoint }) => mountPoint === real);
}

async function mountsNow(): Promise<Mount[]> {
  return mountsIn(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
}

/** The mount in which a real path lies: the one with the longest mount point. */
function mountOf(real: string, mounts: ReadonlyMap<string, Mount>): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts.values()) {
    if (!isInside(mount.mountPoint, real)) continue;
    if (mount.mountPoint.length >= (found?.mountPoint.length ?? 0)) found = mount;
  }
  return found;
}

async function whyUnchanging({ root, mountPoint }: Mount): Promise<string | undefined> {
  if (TIMESTAMPED.test(root)) return SUB_PATH;
  const isFile = await stat(mountPoint).then(
    (stats) => stats.isFile(),
    () => false,
  );
  return isFile ? ONE_FILE : undefined;
}
