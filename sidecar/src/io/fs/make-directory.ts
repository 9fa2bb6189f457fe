import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory and its parents, and returns the topmost one that it made; undefined: it was there. The
 * `recursive` of Node.js never ends where a file system has no place for a name, as in `/proc`.
 * Rejects with the system's error.
 */
export async function makeDirectory(path: string, mode?: number): Promise<string | undefined> {
  const made = await makeOne(path, mode).catch((error) => {
    if (error.code === 'ENOENT' && dirname(path) !== path) return 'no parent' as const;
    throw error;
  });
  if (made !== 'no parent') return made;
  const top = await makeDirectory(dirname(path), mode);
  // The parent is there now, so an error is final.
  const last = await makeOne(path, mode);
  return top ?? last;
}

async function makeOne(path: string, mode?: number): Promise<string | undefined> {
  try {
    await mkdir(path, mode);
    return path;
  } catch (error) {
    // A link that leads nowhere is there as well, so `stat` gives its own error.
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    if (!isThere || !(await stat(path)).isDirectory()) throw error;
    return undefined;
  }
}
