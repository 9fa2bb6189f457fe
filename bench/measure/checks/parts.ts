import { setTimeout as sleep } from 'node:timers/promises';
import { CONFIG_FILE, SCHEMA } from '../../contents/contents.ts';
import { CONFIG_RULES } from '../../contents/rules.ts';
import { Volume } from '../../contents/volume.ts';
import { type Memory, memoryOf } from '../../process-facts.ts';
import { cell, type Section } from '../../section.ts';
import type { Workbench } from '../../workbench.ts';

const AIM_MB = 32;
const AIM_MIB = (AIM_MB * 1e6) / 2 ** 20;

const RULES = CONFIG_RULES.map((rule) => ({ rule }));

const ROWS: readonly (readonly [what: string, checks: readonly object[]])[] = [
  ['formats alone', []],
  ['a schema', [{ files: CONFIG_FILE, schema: SCHEMA }]],
  ['a schema, 5 rules in CEL', [{ files: CONFIG_FILE, schema: SCHEMA, rules: RULES }]],
];

/** What a part of the checks holds while nothing happens, that is loaded only where it is named. */
export async function measureParts(bench: Workbench): Promise<Omit<Section, 'title'>> {
  const atRest: (readonly [what: string, memory: Memory])[] = [];
  for (const [what, checks] of ROWS) {
    const memory = await memoryAtRest(bench, checks);
    bench.say(`checks: at rest with ${what}: ${cell(memory.anonMib, 1)} MiB anonymous`);
    atRest.push([what, memory]);
  }
  return {
    tables: [
      {
        columns: ['at rest, with', 'anonymous MiB', 'RSS MiB'],
        rows: atRest.map(([what, { anonMib, rssMib }]) => [
          what,
          cell(anonMib, 1),
          cell(rssMib, 1),
        ]),
      },
    ],
    notes: [
      `At rest is ${bench.plan.restMs / 1_000} s after the start, with the usual two files, published on tmpfs; without \`validate\` files are still parsed. ajv and CEL are loaded only where a schema or a rule is named.`,
    ],
    targets: atRest.map(([what, { anonMib }]) => ({
      what: `anonymous memory at rest, with ${what}`,
      aim: `≤ ${AIM_MB} MB (${cell(AIM_MIB, 1)} MiB)`,
      measured: `${cell(anonMib, 1)} MiB`,
      isMet: anonMib <= AIM_MIB,
    })),
  };
}

async function memoryAtRest(bench: Workbench, checks: readonly object[]): Promise<Memory> {
  const dir = bench.directory('parts');
  const volume = await Volume.create(bench.directory('parts-volume'));
  const { url } = bench.app.endpoint('parts', volume.dir);
  const isChecked = checks.length > 0;
  const options = { volume: volume.dir, dir, url, mode: 'published', isChecked, checks } as const;
  const sidecar = await bench.sidecar(options);
  await sidecar.ready();
  await sleep(bench.plan.restMs);
  const memory = memoryOf(sidecar.child.pid);
  await sidecar.stop();
  return memory;
}
