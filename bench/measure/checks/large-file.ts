import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LargeWay } from '../../contenders/checks/large.ts';
import { REGISTRY_SCHEMA, rulesIn } from '../../contents/registry.ts';
import { median, percentile } from '../../percentiles.ts';
import { cell, type Section, type Target } from '../../section.ts';
import { launchOf } from '../../sidecar.ts';
import type { Workbench } from '../../workbench.ts';
import { timeChecks } from './time-checks.ts';

const AIM = 1.5;

const ROWS: readonly (readonly [what: string, floor: LargeWay, checks: LargeWay])[] = [
  ['in the main thread, warm', 'floorHere', 'checksHere'],
  ['in a new thread, its start included', 'floorInThread', 'checksInThread'],
];

/** 1 MiB of YAML by lastgood, and by the two libraries that it uses. */
export async function measureLargeFile(
  bench: Workbench,
  program: string,
): Promise<Omit<Section, 'title'>> {
  const schemaPath = join(bench.directory('registry'), 'registry.schema.json');
  writeFileSync(schemaPath, JSON.stringify(REGISTRY_SCHEMA));
  const rounds = bench.plan.checks.large;
  // Without the small heap of the first line, in which 1 MiB does not fit into the main thread.
  const launch = { env: launchOf(bench.sidecarFile).env, flags: [] };
  const options = { program, what: 'large', schemaPath, rounds, launch } as const;
  const tookMs = await timeChecks<LargeWay>(bench, options);
  const ratioOf = (floor: LargeWay, checks: LargeWay) =>
    median(tookMs[checks]) / median(tookMs[floor]);
  const rows = ROWS.map(([what, floor, checks]) => [
    what,
    cell(median(tookMs[floor]), 0),
    cell(median(tookMs[checks]), 0),
    cell(percentile(tookMs[checks], 99), 0),
    `× ${cell(ratioOf(floor, checks))}`,
  ]);
  for (const row of rows) bench.say(`checks: 1 MiB ${row.join(', ')}`);
  return {
    tables: [{ columns: COLUMNS, rows }],
    notes: [
      `1 MiB is a registry of some 600 models in YAML, with comments, and its JSON Schema has ${rulesIn(REGISTRY_SCHEMA)} rules (keywords that a value can break). ${rounds} contents, each checked in every way in turns, in one process; the ratio is of the medians.`,
      'The libraries alone are `load` of js-yaml and ajv: they cannot report the line and column of a mistake, and they accept YAML that other parsers refuse. lastgood also learns the shape. A new thread compiles all of its code again, and the schema; that is most of its time, of both. No limit was set, so its heap was the largest that a thread gets.',
    ],
    targets: ROWS.map(([what, floor, checks]): Target => {
      const ratio = ratioOf(floor, checks);
      return {
        what: `1 MiB with 200 rules, ${what}: over js-yaml and ajv alone`,
        aim: `≤ × ${AIM}`,
        measured: `× ${cell(ratio)}`,
        isMet: ratio <= AIM,
      };
    }),
  };
}

const COLUMNS = [
  '1 MiB of YAML, 200 rules',
  'js-yaml and ajv, p50 ms',
  'lastgood, p50 ms',
  'lastgood, p99 ms',
  'ratio',
];
