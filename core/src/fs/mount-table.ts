import { readFile } from 'node:fs/promises';
import { isInside } from './is-inside.ts';
import { resolveSymlinks } from './resolve-symlinks.ts';

/** The fields of a line of `/proc/self/mountinfo` that are used. */
export interface Mount {
  /** The mounted part of the file system, as a path in it. */
  readonly root: string;
  readonly mountPoint: string;
}

/** Source: Linux, Documentation/filesystems/proc.rst, 3.5: the fourth and the fifth field. */
const LINE = /^\d+ \d+ \S+ (?<root>\S+) (?<mountPoint>\S+) /;

/** Parses the kernel's list of mounts; later ones are on top of earlier ones. */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const { root, mountPoint } = LINE.exec(line)?.groups ?? {};
    if (root === undefined || mountPoint === undefined) return [];
    return { root: decodeEscapes(root), mountPoint: decodeEscapes(mountPoint) };
  });
}

/** Space, tab, line feed and backslash are escaped as three octal digits. */
function decodeEscapes(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number(`0o${octal}`)));
}

/** Whether something is mounted at exactly this real path. Never rejects. */
export async function isMountPoint(real: string): Promise<boolean> {
  return (await readMounts()).some(({ mountPoint }) => mountPoint === real);
}

/** The mounts of this process; empty if the system has no such list. Never rejects. */
export async function readMounts(): Promise<Mount[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''));
}

/** The mount that contains a real path: the one with the longest mount point. */
export function mountOf(real: string, mounts: readonly Mount[]): Mount | undefined {
  const around = mounts.filter(({ mountPoint }) => isInside(mountPoint, real));
  return around.toSorted((a, b) => b.mountPoint.length - a.mountPoint.length)[0];
}

/**
 * Whether a link on the way to a real path leads out of the file system that is mounted around the link.
 * Another container can write into such a mount, and could lead lastgood to any file; only the root file
 * system belongs to this container alone. Also true if the path leads elsewhere by now. Never rejects.
 */
export async function leavesMount(path: string, real: string): Promise<boolean> {
  const [{ names, end }, mounts] = await Promise.all([resolveSymlinks(path), readMounts()]);
  if (end !== real) return true;
  return names.keys().some((directory) => {
    const { mountPoint = '/' } = mountOf(directory, mounts) ?? {};
    return !isInside(mountPoint, real);
  });
}
