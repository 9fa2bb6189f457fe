import { lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DATA_LINK } from '../fs/kubelet-layout.ts';

/** A plain directory with more entries counts as changed. */
const MAX_ENTRIES = 1_000;

/**
 * Whether a volume was written at or after this time, in milliseconds since the epoch by the clock of
 * its file system. A volume of the kubelet is written when `..data` is renamed, which sets the ctime of
 * the link. True if it cannot be known. Never rejects.
 */
export async function changedSince(path: string, sinceMs: number): Promise<boolean> {
  try {
    const link = await lstat(join(path, DATA_LINK)).catch(() => undefined);
    if (link !== undefined) return link.ctimeMs >= sinceMs;
    const root = await stat(path);
    if (root.ctimeMs >= sinceMs) return true;
    return await anyChanged(root.isDirectory() ? await listAll(path) : linksOf(path), sinceMs);
  } catch {
    return true;
  }
}

/** A file may be a link into a volume of the kubelet. */
function linksOf(file: string): readonly string[] {
  return [file, join(dirname(file), DATA_LINK)];
}

async function listAll(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory, { recursive: true });
  if (names.length > MAX_ENTRIES) throw new RangeError('too many entries');
  return names.map((name) => join(directory, name));
}

async function anyChanged(paths: readonly string[], sinceMs: number): Promise<boolean> {
  for (const path of paths) {
    const stats = await lstat(path).catch(() => undefined);
    if (stats !== undefined && stats.ctimeMs >= sinceMs) return true;
  }
  return false;
}
