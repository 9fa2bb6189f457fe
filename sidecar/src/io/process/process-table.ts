import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { maskInvisible } from '@lastgood/core/model/escape.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { readStart } from '../fs/read-bounded-file.ts';
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
  /** The real user ID; undefined if the system does not show it. */
  readonly uid: number | undefined;
  /** May contain a password, so it is never shown (P8). */
  readonly argv: readonly string[];
  /** The names that select it, most specific first. */
  readonly names: readonly string[];
  /** Its executable cannot be seen, so it may have one more name. */
  readonly isHidden: boolean;
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
 * may have to wait for that; the rest is the kernel's own, and reading it at once costs a third. What
 * cannot be read does not hide the process: a sandbox such as gVisor shows less than Linux.
 */
async function read(pid: number): Promise<Process | undefined> {
  // First: if the number is reused while we read, the start time shows it before it is used.
  const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === undefined || stat.isKernelThread || stat.isEnding) return undefined;
  const { comm, parent, startTicks } = stat;
  const argv = await readCommandLine(pid);
  // Readable only with the same user and capabilities.
  const executable = tryTo(() => readlinkSync(`/proc/${pid}/exe`));
  const names = namesOf(argv, executable);
  const isHidden = executable === undefined;
  if (isHidden && !isAlive({ pid, startTicks })) return undefined;
  const more = { argv, names: names.length > 0 ? names : [comm], isHidden };
  return { pid, parent, startTicks, uid: realUserOf(pid), ...more };
}

/** Empty if it cannot be read, or if the process has cleared it. Rejects if the process has ended. */
async function readCommandLine(pid: number): Promise<readonly string[]> {
  const bytes = await readStart(`/proc/${pid}/cmdline`, MAX_COMMAND_LINE).catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') throw error;
    return Buffer.alloc(0);
  });
  // Not by an expression, which would look at each run of NULs again from each of its characters.
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  return end === 0 ? [] : bytes.toString('utf8', 0, end).split('\0');
}

/** The owner of the directory is the effective user, which is nearly always the same. */
function realUserOf(pid: number): number | undefined {
  return tryTo(() => {
    const [, uid] = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return uid === undefined ? statSync(`/proc/${pid}`).uid : Number(uid);
  });
}

/** Whether both are the same process, and not only the same number. */
export function isSame(one: ProcessId, other: ProcessId): boolean {
  return one.pid === other.pid && one.startTicks === other.startTicks;
}

/**
 * Whether this very process is still alive, and not ending. Reads on the calling thread, so that nothing
 * happens between the answer and its use; reading `stat` never waits for the process.
 */
export function isAlive({ pid, startTicks }: ProcessId): boolean {
  const stat = tryTo(() => parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  return stat?.startTicks === startTicks && !stat.isEnding;
}

/**
 * What a signal would do to the process that has this number now; undefined if there is none, and
 * `unknown` if the system does not show it (gVisor). Source: proc_pid_status(5), SigCgt and
 * SigIgn: bit n - 1 is signal n.
 */
export function dispositionOf(pid: number, signal: number) {
  const status = tryTo(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (status === undefined) return undefined;
  const has = (mask: string) => {
    const digits = new RegExp(`^${mask}:\t([0-9a-f]+)$`, 'm').exec(status)?.[1];
    return digits && ((BigInt(`0x${digits}`) >> BigInt(signal - 1)) & 1n) === 1n;
  };
  const [isCaught, isIgnored] = [has('SigCgt'), has('SigIgn')];
  if (isCaught === undefined) return 'unknown';
  if (isCaught) return 'caught';
  return isIgnored ? 'ignored' : 'default';
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
