import { readdir, readFile, readlink } from 'node:fs/promises';

/** The variable that carries the mark of a command; each of its processes inherits it. */
export const MARK = 'LASTGOOD_STAGE';

/** A process that forks as fast as it is looked for is given up after so many looks. */
const MAX_LOOKS = 50;

/**
 * Kills what a command with this mark left running, also what left its process group or lost its parent:
 * the way is not from parent to child but by the mark in the environment, or, where the mark is the
 * path of a directory, by the working directory.
 * Not found is only what threw both away, or runs as another user. Never rejects.
 */
export async function endLeftovers(mark: string): Promise<void> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const found = await leftovers(mark);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

/** Sends SIGKILL to a process, or with a negative id to its group, if it is there. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Where there is no `/proc`, nothing is found: on a laptop that does not run Linux. */
async function leftovers(mark: string): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  const found = [];
  for (const pid of names.filter((name) => /^\d+$/.test(name)))
    if (await worksOn(mark, `/proc/${pid}`)) found.push(Number(pid));
  return found;
}

async function worksOn(mark: string, entry: string): Promise<boolean> {
  // Of a process that has ended, or is another user's, neither can be read.
  const environment = await readFile(`${entry}/environ`).catch(() => Buffer.alloc(0));
  if (environment.includes(`${MARK}=${mark}\0`)) return true;
  const cwd = await readlink(`${entry}/cwd`).catch(() => '');
  return cwd.startsWith(`${mark}/`);
}
