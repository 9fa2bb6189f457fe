import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { namesOf } from './process-names.ts';

/** One process and no other: its number alone may pass to another one when it has ended. */
export interface ProcessId {
  readonly pid: number;
  /** When it started, in clock ticks since the node booted. */
  readonly startTicks: number;
}

/** What `/proc` says of a process that is alive. */
export interface Process extends ProcessId {
  /** 0 where the parent is outside this process namespace. */
  readonly parent: number;
  /** The real user id. */
  readonly uid: number;
  /** May hold a password, so it is never shown (P8). */
  readonly argv: readonly string[];
  /** By which it can be meant, most telling first. */
  readonly names: readonly string[];
}

/** What a signal would do to a process, as far as the kernel knows. */
export type Disposition = 'caught' | 'ignored' | 'default';

/** Of a longer command line only this much is looked at. */
const MAX_COMMAND_LINE = 64 * 1024;

/**
 * Every process that this container can see and that is alive, without threads of the kernel. One
 * that ends meanwhile is left out; where there is no `/proc`, so is every one. Never rejects.
 */
export async function listProcesses(): Promise<readonly Process[]> {
  const names = await readdir('/proc').catch(() => []);
  const found = [];
  for (const name of names)
    if (/^\d+$/.test(name)) found.push(await read(Number(name)).catch(() => undefined));
  return found.filter((process) => process !== undefined);
}

/**
 * The command line is read on a thread, because the kernel takes it out of the memory of the process
 * and may have to wait for that; the rest is the kernel's own, and reading it at once costs a third.
 */
async function read(pid: number): Promise<Process | undefined> {
  // First of all: if the number passes on while we read, the start time tells so before it is used.
  const stat = statOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === undefined) return undefined;
  const commandLine = (await readFile(`/proc/${pid}/cmdline`)).subarray(0, MAX_COMMAND_LINE);
  const argv = commandLine.toString('utf8').replace(/\0+$/, '').split('\0');
  if (argv.every((arg) => arg === '')) return undefined;
  const uid = Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return { ...stat, pid, uid, argv, names: namesOf(argv, executableOf(pid)) };
}

/** Readable only with the same user and rights. */
function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/**
 * Undefined for what has ended and waits for its parent to ask why (state Z or X). The second field
 * is the name in parentheses, and may hold spaces and parentheses itself.
 * Source: proc_pid_stat(5), fields 3, 4 and 22.
 */
function statOf(text: string): { parent: number; startTicks: number } | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = '', parent] = fields;
  if ('ZXx'.includes(state)) return undefined;
  return { parent: Number(parent), startTicks: Number(fields[19]) };
}

/**
 * Whether just this process is still alive. Reads at once, on the calling thread, so that nothing
 * comes between the answer and what is done with it; `stat` never waits for the process.
 */
export function isAlive({ pid, startTicks }: ProcessId): boolean {
  try {
    return statOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.startTicks === startTicks;
  } catch {
    return false;
  }
}

/**
 * What a signal would do to the process that has this number now; undefined when there is none.
 * Source: proc_pid_status(5), SigCgt and SigIgn: bit n - 1 is signal n.
 */
export function dispositionOf(pid: number, signal: number): Disposition | undefined {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return undefined;
  }
  const has = (mask: string) => {
    const digits = new RegExp(`^${mask}:\t([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0';
    return ((BigInt(`0x${digits}`) >> BigInt(signal - 1)) & 1n) === 1n;
  };
  if (has('SigCgt')) return 'caught';
  return has('SigIgn') ? 'ignored' : 'default';
}
