import type { Stats } from 'node:fs';
import { lstat, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DATA_LINK } from '../fs/kubelet-layout.ts';

/** How a path is found, name by name, as the file system stands now. */
export interface ResolvedPath {
  /**
   * The names that decide where the path leads, by the real directory in which each stands: that of
   * every link on the way, and the last one, or the first that is missing.
   */
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
  /** The real path at which it ends. */
  readonly end: string;
  readonly endsAt: 'directory' | 'file' | 'nothing';
}

/** So many links the kernel follows. Source: Linux, MAXSYMLINKS. */
const MAX_LINKS = 40;

/**
 * Follows an absolute path. What stands behind `..data` is left out of `names`: the kubelet never
 * changes it, and a watch there would have to be set anew after each swap. Never rejects: what cannot
 * be looked at counts as missing.
 */
export async function resolveSymlinks(path: string): Promise<ResolvedPath> {
  const names = new Map<string, Set<string>>();
  const ahead = path.split('/');
  let at = '/';
  let links = 0;
  let isBehindSwap = false;
  const decides = (name: string) => {
    if (!isBehindSwap) names.set(at, (names.get(at) ?? new Set()).add(name));
  };
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = dirname(at);
      continue;
    }
    const next = join(at, name);
    const stats = await statOf(next);
    if (stats?.isDirectory()) {
      at = next;
      continue;
    }
    decides(name);
    if (!stats?.isSymbolicLink()) return { names, end: next, endsAt: stats ? 'file' : 'nothing' };
    const target = await readlink(next).catch(() => '');
    links += 1;
    if (target === '' || links > MAX_LINKS) return { names, end: next, endsAt: 'nothing' };
    if (name === DATA_LINK) isBehindSwap = true;
    if (target.startsWith('/')) at = '/';
    ahead.unshift(...target.split('/'));
  }
  return { names, end: at, endsAt: 'directory' };
}

/** Whether a path is a directory itself or something in it. */
export function isInside(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
}

async function statOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}
