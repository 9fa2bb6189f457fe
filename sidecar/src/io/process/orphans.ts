import { readdir, readFile, readlink } from 'node:fs/promises';

/** The variable that carries the mark of a command; each of its processes inherits it. */
export const PROCESS_TAG = 'LASTGOOD_STAGE';

/** A process that forks as fast as it is looked for is given up after so many looks. */
const MAX_LOOKS = 50;

/**
 * Kills what a command with this mark left running, also what left its process group or lost its parent:
 * the way is not from parent to child but by the mark in the environment, by the `session` that it had
 * as its own, or, where the mark is the path of a directory, by the working directory. A program that
 * sets its title, as nginx and postgres do, writes over its environment.
 * Not found is only what threw all of them away, or runs as another user. Never rejects.
 */
export async function killOrphans(mark: string, session?: number): Promise<void> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const found = await findOrphans(mark, session);
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
async function findOrphans(mark: string, session?: number): Promise<readonly number[]> {
  const names = await readdir('/proc').catch((): string[] => []);
  // Its leader has been waited for: if there is one again, the number has passed to a stranger.
  const own = names.includes(`${session}`) ? undefined : session;
  const found = [];
  for (const pid of names.filter((name) => /^\d+$/.test(name)))
    if ((await worksOn(mark, `/proc/${pid}`)) || (await isIn(own, `/proc/${pid}`)))
      found.push(Number(pid));
  return found;
}

/** Source: proc_pid_stat(5), fields 3 and 6; the second one is a name that may hold anything. */
async function isIn(session: number | undefined, entry: string): Promise<boolean> {
  if (session === undefined) return false;
  const stat = await readFile(`${entry}/stat`, 'utf8').catch(() => '');
  const [state = 'X', , , own] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // What has ended, and is not waited for, cannot be ended.
  return Number(own) === session && !'ZXx'.includes(state);
}

async function worksOn(mark: string, entry: string): Promise<boolean> {
  // Of a process that has ended, or is another user's, neither can be read.
  const environment = await readFile(`${entry}/environ`).catch(() => Buffer.alloc(0));
  if (environment.includes(`${PROCESS_TAG}=${mark}\0`)) return true;
  const cwd = await readlink(`${entry}/cwd`).catch(() => '');
  return cwd.startsWith(`${mark}/`);
}
