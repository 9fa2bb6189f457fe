import { uptime } from 'node:os';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { readBoundedFile } from '../fs/read-bounded-file.ts';
import type { ProcessId } from './process-table.ts';

export type PidFile =
  | { readonly type: 'pid'; readonly pid: number; readonly writtenAtMs: number }
  | { readonly type: 'absent' | 'unreadable'; readonly reason: string };

/** Ticks of `startTicks` in a second, on every machine that Node runs on. Source: USER_HZ. */
const TICKS_PER_SECOND = 100;

/** The start time of a process and the time of a file are rounded by different clocks. */
const SLACK_MS = 2_000;

/** A pid file contains a number, and for some programs a few more lines. */
const MAX_BYTES = 4096;

/** Reads the number on the first line. `absent`: it may still be written. Never rejects. */
export async function readPidFile(path: string): Promise<PidFile> {
  const file = await readBoundedFile(path, MAX_BYTES);
  if ('reason' in file)
    return { type: file.problem === 'unreadable' ? 'unreadable' : 'absent', reason: file.reason };
  const pid = Number(/^\s*([1-9]\d{0,9})\s*(?:\n|$)/.exec(file.text)?.[1]);
  return Number.isNaN(pid)
    ? { type: 'absent', reason: `${path} does not contain a process ID` }
    : { type: 'pid', pid, writtenAtMs: file.mtimeMs };
}

/**
 * Whether the file is older than the process with its number. A process starts before its pid file is
 * written, so a process that started later has only reused the number.
 */
export function isStale(
  { startTicks }: ProcessId,
  writtenAtMs: number,
  clock: Pick<Clock, 'wallMs'>,
): boolean {
  const ageMs = (uptime() - startTicks / TICKS_PER_SECOND) * 1_000;
  return clock.wallMs() - ageMs > writtenAtMs + SLACK_MS;
}
