import { stripVTControlCharacters } from 'node:util';
import { formatDuration } from '@lastgood/core/model/units.ts';
import type { Ended, Ending } from './run-command.ts';

/** What people read of how a command ended, and of what it said. */

/** More of one line is not shown: it is for a log and a status page. */
export const MAX_LINE_LENGTH = 300;

const LINE_END = /\r\n|\n|\r/;
/** No line of an output may forge a line of a log, or turn its direction. */
const NOT_TEXT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** What is left at a cut of a character that JavaScript counts as two. */
const HALF_CHARACTER = /[\uD800-\uDBFF]$/;

/** The lines of an output, or of an answer, as plain text; those that are empty are left out. */
export function plainLines(output: string): readonly string[] {
  return stripVTControlCharacters(output)
    .split(LINE_END)
    .map((line) => line.replaceAll('\t', ' ').replace(NOT_TEXT, '').trimEnd())
    .filter((line) => line.trim() !== '');
}

/** A line as it is shown: with an ellipsis for what is too long. */
export function formatLine(line: string): string {
  const text = line.trim();
  if (text.length <= MAX_LINE_LENGTH) return text;
  return `${text.slice(0, MAX_LINE_LENGTH).replace(HALF_CHARACTER, '')}…`;
}

/** `ended with 1`, and its last line, where what it says may be told (P8). */
export function formatExit(
  { ending, output }: Ended,
  { timeoutMs, sealed }: { readonly timeoutMs: number; readonly sealed: boolean },
): string {
  const outcome = formatEnding(ending, timeoutMs);
  const last = sealed ? undefined : plainLines(output).at(-1);
  return last === undefined ? outcome : `${outcome}: ${formatLine(last)}`;
}

/** How a command ended, to be said after its name. */
export function formatEnding(ending: Ending, timeoutMs: number): string {
  switch (ending.type) {
    case 'exited':
      return `ended with ${ending.code}`;
    case 'killed':
      return `was ended by ${ending.signal}${ending.signal === 'SIGKILL' ? OUT_OF_MEMORY : ''}`;
    case 'too-slow':
      return `did not end within ${formatDuration(timeoutMs)}`;
    case 'not-started':
      return notStarted(ending.reason);
  }
}

/** Nobody else is likely to send it. */
const OUT_OF_MEMORY = ', as the kernel does when memory runs out';

function notStarted(reason: string): string {
  if (reason === 'ENOENT')
    return 'is not in this container, or the interpreter that it names is not';
  if (reason === 'EACCES') return 'may not be executed by the user of this container';
  return `cannot be started: ${reason}`;
}
