import { lstat, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asyncFs } from '../fs/fs-adapter.ts';
import { DATA_LINK } from '../fs/kubelet-layout.ts';
import { resolveSymlinks } from '../fs/resolve-symlinks.ts';

/** A plain directory with more entries counts as changed. */
const MAX_ENTRIES = 1_000;

/**
 * Whether a volume was written at or after this time, in milliseconds since the epoch by the clock of
 * its file system. A volume of the kubelet is written when `..data` is renamed, which sets the ctime of
 * the link; so is any link on the way to a volume, such as that of git-sync. True if it cannot be known.
 * Never rejects.
 */
export async function changedSince(path: string, sinceMs: number): Promise<boolean> {
  try {
    const { names } = await resolveSymlinks(resolve(path));
    for (const [directory, inside] of names)
      for (const name of inside) if (await isChanged(join(directory, name), sinceMs)) return true;
    const link = await lstat(join(path, DATA_LINK)).catch(() => undefined);
    if (link !== undefined) return link.ctimeMs >= sinceMs;
    const root = await stat(path);
    if (root.ctimeMs >= sinceMs) return true;
    return root.isDirectory() && (await isAnyChanged(path, sinceMs));
  } catch {
    return true;
  }
}

/** Lists no more entries than that: another program may have made millions of them. */
async function isAnyChanged(top: string, sinceMs: number): Promise<boolean> {
  const directories = [top];
  let count = 0;
  for (const directory of directories) {
    const paths: string[] = [];
    await asyncFs.readdir(directory, (entry) => {
      const path = join(directory, entry.name);
      paths.push(path);
      if (entry.isDirectory()) directories.push(path);
      count += 1;
      return count <= MAX_ENTRIES;
    });
    if (count > MAX_ENTRIES) return true;
    for (const path of paths) if (await isChanged(path, sinceMs)) return true;
  }
  return false;
}

async function isChanged(path: string, sinceMs: number): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats !== undefined && stats.ctimeMs >= sinceMs;
}
