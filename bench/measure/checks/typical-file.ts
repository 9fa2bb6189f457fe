import type { TypicalWay } from '../../contenders/checks/typical.ts';
import { SCHEMA } from '../../contents/contents.ts';
import { largest, median, percentile } from '../../percentiles.ts';
import { cell, type Section } from '../../section.ts';
import { launchOf } from '../../sidecar.ts';
import type { Workbench } from '../../workbench.ts';
import { timeChecks } from './time-checks.ts';

const AIM_MS = 3;

const ROWS: readonly (readonly [way: TypicalWay, what: string])[] = [
  ['format', 'its format alone'],
  ['schema', 'schema'],
  ['schemaAndRules', 'schema, 5 rules in CEL'],
  ['shape', 'schema, shape of the last good version'],
  ['all', 'schema, 5 rules, shape'],
];

/** The usual file of 10 KB, once all code is warm. */
export async function measureTypicalFile(
  bench: Workbench,
  program: string,
): Promise<Omit<Section, 'title'>> {
  const rounds = bench.plan.checks.typical;
  const launch = launchOf(bench.sidecarFile);
  const options = { program, what: 'typical', schemaPath: SCHEMA, rounds, launch } as const;
  const tookMs = await timeChecks<TypicalWay>(bench, options);
  const rows = ROWS.map(([way, what]) => [
    what,
    cell(median(tookMs[way])),
    cell(percentile(tookMs[way], 99)),
    cell(largest(tookMs[way])),
  ]);
  for (const row of rows) bench.say(`checks: 10 KB ${row.join(', ')}`);
  return {
    tables: [{ columns: ['10 KB of YAML, warm', 'p50 ms', 'p99 ms', 'max ms'], rows }],
    notes: [
      `10 KB is \`config.yaml\` of the swaps above, checked ${rounds.toLocaleString('en')} times in each way, in turns, each time with another content, once all code is warm. The heap is that of the first line.`,
    ],
    targets: ROWS.slice(1).map(([way, what]) => ({
      what: `10 KB, warm, ${what}: p50`,
      aim: `≤ ${AIM_MS} ms`,
      measured: `${cell(median(tookMs[way]))} ms`,
      isMet: median(tookMs[way]) <= AIM_MS,
    })),
  };
}
