import type { Section, Table, Target } from '../section.ts';
import { targetTable } from './targets.ts';

/** A section as it is shown on a screen: its tables with aligned columns. */
export function onScreen({ title, tables }: Section): string {
  return `\n${title}\n\n${tables.map(aligned).join('\n')}`;
}

export function targetsOnScreen(targets: readonly Target[]): string {
  return `\nTargets\n\n${aligned(targetTable(targets))}`;
}

function aligned({ columns, rows }: Table): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((row) => widthOf(row[index]))));
  const drawn = lines.map((row) =>
    row.map((text, index) => padded(text, widths[index] ?? 0, index)).join('  '),
  );
  return `${drawn.map((line) => `  ${line}`.trimEnd()).join('\n')}\n`;
}

function widthOf(text = ''): number {
  return text.length;
}

/** Words to the left, numbers to the right. */
function padded(text: string, width: number, index: number): string {
  return index === 0 ? text.padEnd(width) : text.padStart(width);
}
