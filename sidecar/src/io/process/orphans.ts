import { readdir, readFile, readlink } from 'node:fs/promises';
import { readStart } from '../fs/read-bounded-file.ts';
import { parseStat } from './proc-stat.ts';

/** The environment variable that marks a command; each of its processes inherits it. */
export const PROCESS_TAG = 'LASTGOOD_STAGE';

/** The usual limit of Linux for arguments and environment together. */
const MAX_ENVIRONMENT = 2 * 2 ** 20;

/** Gives up on a process that forks as fast as it is killed. */
const MAX_ROUNDS = 50;

/**
 * Kills what a command with this mark left running, even if it left its process group or lost its
 * parent. Finds it by the mark in the environment, by the `session` of the command, or, if the mark is
 * the path of a directory, by the working directory: programs that set their title, such as nginx and
 * postgres, overwrite their environment. Misses only a process that dropped all of these, or that runs
 * as another user. Never rejects.
 */
export async function killOrphans(mark: string, session?: number): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = await findOrphans(mark, session);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

/** Sends SIGKILL to a process, or with a negative ID to its group, if it exists. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

/** Finds nothing on a laptop that does not run Linux, and so has no `/proc`. */
async function findOrphans(mark: string, session?: number): Promise<readonly number[]> {
  const names = await readdir('/proc').catch((): string[] => []);
  // The leader was reaped: if its number exists again, it belongs to another process.
  const own = names.includes(`${session}`) ? undefined : session;
  const found = [];
  for (const pid of names.filter((name) => /^\d+$/.test(name)))
    if ((await isMarked(mark, `/proc/${pid}`)) || (await isInSession(own, `/proc/${pid}`)))
      found.push(Number(pid));
  return found;
}

async function isInSession(session: number | undefined, entry: string): Promise<boolean> {
  if (session === undefined) return false;
  const stat = await readFile(`${entry}/stat`, 'utf8').catch(() => '');
  return parseStat(stat)?.session === session;
}

async function isMarked(mark: string, entry: string): Promise<boolean> {
  // Neither is readable if the process has ended or belongs to another user.
  const environment = await readStart(`${entry}/environ`, MAX_ENVIRONMENT).catch(() =>
    Buffer.alloc(0),
  );
  if (environment.includes(`${PROCESS_TAG}=${mark}\0`)) return true;
  const cwd = await readlink(`${entry}/cwd`).catch(() => '');
  return cwd.startsWith(`${mark}/`);
}
