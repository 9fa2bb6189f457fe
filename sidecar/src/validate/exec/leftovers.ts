import { readdir, readFile } from 'node:fs/promises';

/** By what the processes of a command are known. */
export interface Traces {
  /** Root of the stage: each process inherits it in its environment. */
  readonly root: string;
  /** The command's session, which is its process id. */
  readonly session?: number;
}

/** The variable that carries the root of the stage. */
export const MARK = 'LASTGOOD_STAGE';

/** A process that forks as fast as it is looked for is given up after so many looks. */
const MAX_LOOKS = 50;

/**
 * Kills what a command left running, also what left its process group or lost its parent: such a
 * one still has the mark in its environment. Only a process that both made a session of its own and
 * threw its environment away, or runs as another user, is not found. Never rejects.
 *
 * `session` may only be given right after the command ended: process ids are handed out in order,
 * so it then belongs to nobody else.
 */
export async function endLeftovers(traces: Traces): Promise<void> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const found = await leftovers(traces);
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
async function leftovers(traces: Traces): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = [];
  for (const pid of pids) if (await isOfCommand(pid, traces)) found.push(pid);
  return found;
}

async function isOfCommand(pid: number, { root, session }: Traces): Promise<boolean> {
  // Nobody may look into the process of another user, nor into one that has ended meanwhile.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in brackets, may hold spaces and brackets. Source: proc_pid_stat(5).
  const [state, , , ownSession] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || 'ZX'.includes(state)) return false;
  if (Number(ownSession) === session) return true;
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environment.includes(`${MARK}=${Buffer.from(root).toString('latin1')}\0`);
}
