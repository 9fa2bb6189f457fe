import { stripVTControlCharacters } from 'node:util';
import { truncate } from '@lastgood/core/model/truncate.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import type { Ended, Ending } from './run-command.ts';

/** Longer lines are cut: they are for a log and a status page. */
export const MAX_LINE_LENGTH = 300;

const LINE_END = /\r\n|\n|\r/;
/** A line of output must not forge a line of a log, or change its direction. */
const NOT_TEXT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The lines of an output or a reply as plain text, without the empty ones. */
export function plainLines(output: string): readonly string[] {
  return stripVTControlCharacters(output)
    .split(LINE_END)
    .map((line) => line.replaceAll('\t', ' ').replace(NOT_TEXT, '').trimEnd())
    .filter((line) => line.trim() !== '');
}

/** Trims a line, and cuts a long one. */
export function formatLine(line: string): string {
  return truncate(line.trim(), MAX_LINE_LENGTH);
}

/** `exited with code 1`, with the last line of the output unless that may quote a secret (P8). */
export function formatExit(
  { ending, output }: Ended,
  { timeoutMs, sealed }: { readonly timeoutMs: number; readonly sealed: boolean },
): string {
  const outcome = formatEnding(ending, timeoutMs);
  const last = sealed ? undefined : plainLines(output).at(-1);
  return last === undefined ? outcome : `${outcome}: ${formatLine(last)}`;
}

/** How a command ended, as a phrase that follows its name. */
export function formatEnding(ending: Ending, timeoutMs: number): string {
  switch (ending.type) {
    case 'exited':
      return `exited with code ${ending.code}`;
    case 'killed':
      // Other senders of SIGKILL are unlikely.
      return ending.signal === 'SIGKILL'
        ? 'was killed by SIGKILL, as the kernel does when memory runs out'
        : `was killed by ${ending.signal}`;
    case 'too-slow':
      return `did not end within ${formatDuration(timeoutMs)}`;
    case 'not-started':
      return notStarted(ending.reason);
  }
}

function notStarted(reason: string): string {
  if (reason === 'ENOENT') return 'is not in this container, or its interpreter is not';
  if (reason === 'EACCES') return 'cannot be executed by the user of this container';
  return `cannot be started: ${reason}`;
}
