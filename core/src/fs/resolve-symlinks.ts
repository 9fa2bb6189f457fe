import { lstat, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DATA_LINK } from './kubelet-layout.ts';

/** Where a path leads at the moment. */
export interface ResolvedPath {
  /**
   * The names that decide where the path leads, by the real directory that contains them: each link on
   * the way, and the last name, or the first that is missing.
   */
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
  /** The real path at which it ends. */
  readonly end: string;
  readonly endsAt: 'directory' | 'file' | 'nothing';
}

/** The kernel follows no more. Source: Linux, MAXSYMLINKS. */
const MAX_LINKS = 40;

/**
 * Follows an absolute path. `names` has nothing behind `..data`: the kubelet never changes that, and a
 * watch there would have to be replaced after each swap. Never rejects: anything that cannot be read
 * counts as missing.
 */
export async function resolveSymlinks(path: string): Promise<ResolvedPath> {
  const names = new Map<string, Set<string>>();
  const ahead = path.split('/');
  let at = '/';
  let links = 0;
  let isBehindSwap = false;
  const addName = (name: string) => {
    if (!isBehindSwap) names.set(at, (names.get(at) ?? new Set()).add(name));
  };
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      at = dirname(at);
      continue;
    }
    const next = join(at, name);
    const stats = await lstat(next).catch(() => undefined);
    if (stats?.isDirectory()) {
      at = next;
      continue;
    }
    addName(name);
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
