import { readdir, readFile, readlink } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { readStart } from '../fs/read-bounded-file.ts';
import { parseStat } from './proc-stat.ts';
import { isSame, type ProcessId } from './process-table.ts';

/** The environment variable that marks a command; each of its processes inherits it. */
export const PROCESS_TAG = 'LASTGOOD_STAGE';

/** The usual limit of Linux for arguments and environment together. */
const MAX_ENVIRONMENT = 2 * 2 ** 20;

/** Gives up on a process that forks as fast as it is killed, and on one that the kernel cannot end. */
const MAX_ROUNDS = 100;

/** Before another look at processes that were killed and have not ended yet. */
const WAIT_MS = 20;

/**
 * Kills what a command with this mark left running, even if it left its process group or lost its
 * parent. Finds it by the mark in the environment, by the `session` of the command, or, if the mark is
 * the path of a directory, by the working directory: programs that set their title, such as nginx and
 * postgres, overwrite their environment. Misses only a process that dropped all of these, or that runs
 * as another user. Returns when all that it found have ended: until then a process may hold a lock or a port,
 * also when it has lost its marks. Never rejects.
 */
export async function killOrphans(mark: string, session?: number): Promise<void> {
  const killed: ProcessId[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const found = (await findOrphans(mark, session)).filter(
      (one) => !killed.some((other) => isSame(one, other)),
    );
    for (const { pid } of found) kill(pid);
    killed.push(...found);
    if (found.length > 0) continue;
    if (!(await areLeft(killed))) return;
    await setTimeout(WAIT_MS);
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
async function findOrphans(mark: string, session?: number): Promise<readonly ProcessId[]> {
  const names = await readdir('/proc').catch((): string[] => []);
  // The leader was reaped: if its number exists again, it belongs to another process.
  const own = names.includes(`${session}`) ? undefined : session;
  const found = [];
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const isFound = await isMarked(mark, `/proc/${pid}`);
    const stat = isFound || own !== undefined ? await readStat(`/proc/${pid}`) : undefined;
    if (stat !== undefined && (isFound || stat.session === own))
      found.push({ pid: Number(pid), startTicks: stat.startTicks });
  }
  return found;
}

/** Whether one of them has not ended completely: an ending one may still have open files. */
async function areLeft(killed: readonly ProcessId[]): Promise<boolean> {
  for (const { pid, startTicks } of killed)
    if ((await readStat(`/proc/${pid}`))?.startTicks === startTicks) return true;
  return false;
}

async function readStat(entry: string) {
  return parseStat(await readFile(`${entry}/stat`, 'utf8').catch(() => ''));
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
