import { readFileSync, readlinkSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { maskInvisible } from '@lastgood/core/model/escape.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import { parseStat } from './proc-stat.ts';
import { namesOf } from './process-names.ts';

/** Identifies a process for good: its number alone may be reused when it has ended. */
export interface ProcessId {
  readonly pid: number;
  /** When it started, in clock ticks since the node booted. */
  readonly startTicks: number;
}

/** A process that is alive, as `/proc` shows it. */
export interface Process extends ProcessId {
  /** 0 if the parent is outside this process namespace. */
  readonly parent: number;
  /** The real user ID. */
  readonly uid: number;
  /** May contain a password, so it is never shown (P8). */
  readonly argv: readonly string[];
  /** The names that select it, most specific first. */
  readonly names: readonly string[];
}

/** The rest of a longer command line is not read. */
const MAX_COMMAND_LINE = 64 * 1024;

/** A message lists at most this many processes. */
const MAX_SHOWN = 5;

/**
 * Every process that this container can see, without kernel threads. Leaves out those that end in the
 * meantime; empty without `/proc`. Never rejects.
 */
export async function listProcesses(): Promise<readonly Process[]> {
  const names = await readdir('/proc').catch(() => []);
  const found = [];
  for (const name of names)
    if (/^\d+$/.test(name)) found.push(await read(Number(name)).catch(() => undefined));
  return found.filter((process) => process !== undefined);
}

/**
 * Reads the command line on a thread, because the kernel takes it from the memory of the process and
 * may have to wait for that; the rest is the kernel's own, and reading it at once costs a third.
 */
async function read(pid: number): Promise<Process | undefined> {
  // First: if the number is reused while we read, the start time shows it before it is used.
  const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === undefined) return undefined;
  const { parent, startTicks } = stat;
  const commandLine = (await readFile(`/proc/${pid}/cmdline`)).subarray(0, MAX_COMMAND_LINE);
  const argv = commandLine.toString('utf8').replace(/\0+$/, '').split('\0');
  if (argv.every((arg) => arg === '')) return undefined;
  const uid = Number(/^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  return { pid, parent, startTicks, uid, argv, names: namesOf(argv, executableOf(pid)) };
}

/** Readable only with the same user and capabilities. */
function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}

/** Whether both are the same process, and not only the same number. */
export function isSame(one: ProcessId, other: ProcessId): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks;
}

/**
 * Whether this very process is still alive. Reads on the calling thread, so that nothing happens
 * between the answer and its use; reading `stat` never waits for the process.
 */
export function isAlive({ pid, startTicks }: ProcessId): boolean {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.startTicks === startTicks;
  } catch {
    return false;
  }
}

/**
 * What a signal would do to the process that has this number now; undefined if there is none.
 * Source: proc_pid_status(5), SigCgt and SigIgn: bit n - 1 is signal n.
 */
export function dispositionOf(pid: number, signal: number) {
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

/** `nginx (pid 7)`. Never its arguments, which may contain a password (P8). */
export function formatProcess({ pid, names: [name = 'process'] }: Process): string {
  return `${maskInvisible(truncate(name))} (pid ${pid})`;
}

/** `nginx (pid 7), nginx (pid 9) and 3 more`. */
export function formatProcesses(processes: readonly Process[]): string {
  const shown = processes.slice(0, MAX_SHOWN).map(formatProcess).join(', ');
  const left = processes.length - MAX_SHOWN;
  return left > 0 ? `${shown} and ${left} more` : shown;
}
