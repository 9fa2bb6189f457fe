import { existsSync, readFileSync } from 'node:fs';
import { readBoundedFile } from '../fs/read-bounded-file.ts';
import { parseStat, TICKS_PER_SECOND } from './proc-stat.ts';
import { readEarliestStart } from './process-start.ts';
import type { ProcessId } from './process-table.ts';

/** What the first line of a pid file says. */
export interface PidFile {
  readonly path: string;
  readonly pid: number;
  /** Differs after each change of the file. */
  readonly stamp: string;
  /** By the wall clock, milliseconds since the epoch. */
  readonly writtenAtMs: number;
}

/** `absent`: the file may still be written. `unreadable`: it cannot be read. */
export interface NoPidFile {
  readonly type: 'absent' | 'unreadable';
  readonly reason: string;
}

/** A pid file contains a number, and for some programs a few more lines. */
const MAX_BYTES = 4096;

/**
 * How much later than its file a process may seem to have started. NTP sets a clock forward by seconds
 * at most, and within that time a number is not reused: the kernel counts through all others first.
 */
const CLOCK_STEP_MS = 10_000;

/** Reads the number on the first line. Never rejects. */
export async function readPidFile(path: string): Promise<PidFile | NoPidFile> {
  const file = await readBoundedFile(path, MAX_BYTES, { noLink: true });
  if ('reason' in file)
    return { type: file.problem === 'unreadable' ? 'unreadable' : 'absent', reason: file.reason };
  const pid = Number(/^\s*([1-9]\d{0,9})\s*(?:\n|$)/.exec(file.text)?.[1]);
  if (Number.isNaN(pid)) return { type: 'absent', reason: `${path} does not contain a process ID` };
  return { path, pid, stamp: `${pid} ${file.stamp}`, writtenAtMs: file.mtimeMs };
}

/** What was found at the first look at a pid file. */
interface FirstLook {
  readonly stamp: string;
  /** Of the process that wrote the file; undefined if that had ended. */
  readonly startTicks: number | undefined;
}

/** By the path in the settings, so there are few. */
const firstLooks = new Map<string, FirstLook>();

/**
 * Whether the process that now has the number of a pid file is the one that the file means. A program is
 * alive when it writes its file, so a process that takes the number after the first look at the file is
 * another one, and so is one that started after the file was written. Compares wall clocks only for the
 * second, and only once for each file. Call it also when there is no such process. Never rejects.
 */
export async function isMeant(file: PidFile, found: ProcessId | undefined): Promise<boolean> {
  const { path, pid, stamp } = file;
  const before = firstLooks.get(path);
  if (before?.stamp === stamp) return found?.startTicks === before.startTicks;
  if (found === undefined) {
    // A process that cannot be seen now may be seen later, unless there is none.
    if (!existsSync(`/proc/${pid}`)) firstLooks.set(path, { stamp, startTicks: undefined });
    return false;
  }
  const isWriter = (await estimateStart(found)) <= file.writtenAtMs + CLOCK_STEP_MS;
  firstLooks.set(path, { stamp, startTicks: isWriter ? found.startTicks : undefined });
  return isWriter;
}

/**
 * The earliest time at which a process can have started by the wall clock: as much before or after
 * lastgood as the kernel's own clock says, which is never set. Never rejects.
 */
async function estimateStart({ startTicks }: ProcessId): Promise<number> {
  const own = parseStat(readFileSync('/proc/self/stat', 'utf8'))?.startTicks ?? 0;
  // The system does not show when processes start.
  if (startTicks === 0 || own === 0) return 0;
  return (await readEarliestStart()) + ((startTicks - own) / TICKS_PER_SECOND) * 1_000;
}
