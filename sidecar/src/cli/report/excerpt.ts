import type { SourceText, Style } from './report.ts';

/** A longer line is cut to the part around the column. */
const MAX_WIDTH = 80;

const ELLIPSIS = '…';

/**
 * The line of a place and the line before it, numbered, with a caret under the column. Empty if the
 * line must not be shown or does not exist.
 */
export function excerptOf(
  source: SourceText,
  { line, column }: { readonly line: number; readonly column: number },
  style: Style,
): string {
  const lines = source.text.split(/\r\n|\n|\r/);
  const shown = (number: number) => (source.isSealed(number) ? undefined : lines[number - 1]);
  const at = shown(line);
  if (at === undefined) return '';
  const from = cutBefore(at, column);
  const width = String(line).length;
  const row = (number: string, text: string) =>
    `${style('dim', `  ${number.padStart(width)} |`)} ${text}`.trimEnd();
  const before = shown(line - 1);
  const rows = [
    ...(before === undefined ? [] : [row(String(line - 1), cut(before, from))]),
    row(String(line), cut(at, from)),
    row('', `${indentOf(cut(at, from), column - from)}${style('bold', '^')}`),
  ];
  return rows.map((each) => `${each}\n`).join('');
}

/** How much to cut from the start of a line, so that the column stays visible. */
function cutBefore(line: string, column: number): number {
  if (line.length <= MAX_WIDTH) return 0;
  return Math.max(0, Math.min(column - MAX_WIDTH / 2, line.length - MAX_WIDTH));
}

function cut(line: string, from: number): string {
  const part = printable(line).slice(from, from + MAX_WIDTH);
  const start = from > 0 && part !== '' ? `${ELLIPSIS}${part.slice(1)}` : part;
  return line.length > from + MAX_WIDTH ? `${start.slice(0, -1)}${ELLIPSIS}` : start;
}

/** Without control characters. Tabs stay, as the line with the caret repeats them. */
function printable(line: string): string {
  return line.replaceAll(/[[\p{Cc}\p{Bidi_Control}]--\t]/gv, '?');
}

function indentOf(line: string, column: number): string {
  return line
    .slice(0, column - 1)
    .replaceAll(/[^\t]/g, ' ')
    .padEnd(column - 1);
}
