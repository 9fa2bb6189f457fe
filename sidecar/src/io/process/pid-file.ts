import { readFile, stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { reasonOf } from '@lastgood/core/model/error.ts';
import type { ProcessId } from './process-table.ts';

/** What a pid file says, or why it says nothing. */
export type PidFile =
  | { readonly type: 'pid'; readonly pid: number; readonly writtenAtMs: number }
  | { readonly type: 'absent' | 'unreadable'; readonly reason: string };

/** Ticks of `startTicks` in a second, on every machine that Node runs on. Source: USER_HZ. */
const TICKS_PER_SECOND = 100;

/** What the start of a process and the time of a file may differ by, each rounded by its clock. */
const SLACK_MS = 2_000;

/** A pid file holds a number, and for some programs a few lines more. */
const MAX_LENGTH = 4096;

/** Reads the number on the first line. `absent` where it may still come. Never rejects. */
export async function readPidFile(path: string): Promise<PidFile> {
  try {
    const { mtimeMs, size } = await stat(path);
    const text = size > MAX_LENGTH ? '' : await readFile(path, 'utf8');
    const pid = Number(/^\s*([1-9]\d{0,9})\s*(?:\n|$)/.exec(text)?.[1]);
    if (!Number.isNaN(pid)) return { type: 'pid', pid, writtenAtMs: mtimeMs };
    return { type: 'absent', reason: `${path} holds no process id` };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = `${path} cannot be read: ${reasonOf(error)}`;
    return { type: isMissing ? 'absent' : 'unreadable', reason };
  }
}

/**
 * Whether the file is older than the process with its number: a process is there before its pid
 * file, so what started later has only come by the number of one that has ended.
 */
export function isStale(
  { startTicks }: ProcessId,
  writtenAtMs: number,
  clock: Pick<Clock, 'wallMs'>,
): boolean {
  const ageMs = (uptime() - startTicks / TICKS_PER_SECOND) * 1_000;
  return clock.wallMs() - ageMs > writtenAtMs + SLACK_MS;
}
