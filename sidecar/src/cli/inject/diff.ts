import type { SourceText } from '../report/report.ts';
import { diffLines } from './diff-lines.ts';
import { UNDO } from './undo.ts';

/** Lines around a change. */
const CONTEXT = 3;

const SIGNS = { '-1': '+', '0': ' ', '1': '-' } as const;

/**
 * The differences between two texts, as `diff -u` prints them, without what is in sealed lines (P8). Empty
 * if there are none.
 */
export function unifiedDiff(file: string, before: SourceText, after: SourceText): string {
  const lines = diffLines(linesOf(before.text), linesOf(after.text)).map(([operation, line]) => ({
    sign: SIGNS[operation],
    line,
  }));
  const isNear = (index: number) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== ' ');
  let [old, current] = [1, 1];
  const hunks: { readonly old: number; readonly current: number; readonly lines: string[] }[] = [];
  lines.forEach(({ sign, line }, index) => {
    if (isNear(index)) {
      if (index === 0 || !isNear(index - 1)) hunks.push({ old, current, lines: [] });
      const isSealed = sign === '+' ? after.isSealed(current) : before.isSealed(old);
      const shown = isSealed ? line.replace(/\S.*/, SEALED) : line;
      hunks
        .at(-1)
        ?.lines.push(shown.endsWith('\n') ? sign + shown : `${sign}${shown}\n${NO_NEWLINE}`);
    }
    if (sign !== '+') old += 1;
    if (sign !== '-') current += 1;
  });
  const hasSecret = hunks.some((hunk) => hunk.lines.some((line) => line.includes(SEALED)));
  const body = hunks.map((hunk) => {
    const count = (sign: '+' | '-') =>
      hunk.lines.filter((line) => line.startsWith(' ') || line.startsWith(sign)).length;
    const shown = hasSecret ? hunk.lines.map(withoutCopies) : hunk.lines;
    return `@@ -${hunk.old},${count('-')} +${hunk.current},${count('+')} @@\n${shown.join('')}`;
  });
  return body.length === 0 ? '' : `--- ${file}\n+++ ${file}\n${body.join('')}`;
}

const SEALED = '(a line with a secret, not shown)';

const NO_NEWLINE = '\\ No newline at end of file\n';

/** The annotation for uninject repeats all that is removed and added. */
function withoutCopies(line: string): string {
  return line.includes(UNDO) ? line.charAt(0) + line.slice(1).replace(/\S.*/, SEALED) : line;
}

/** With their line breaks. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
