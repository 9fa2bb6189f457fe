import type { Table, Target } from '../section.ts';

/** What was aimed at, next to what was measured. */
export function targetTable(targets: readonly Target[]): Table {
  return {
    columns: ['what', 'target', 'measured', 'met'],
    rows: targets.map(({ what, aim, measured, isMet }) => [
      what,
      aim,
      measured,
      isMet ? 'yes' : 'no',
    ]),
  };
}
