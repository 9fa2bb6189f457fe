import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@lastgood/sdk';
import { cell, type Section } from '../section.ts';
import type { Workbench } from '../workbench.ts';

const ROUNDS = 100;
const READS = 1_000_000;
const AIM_NS = 2;

interface Readable {
  readonly current: { readonly n: number };
}

/** What an app pays to read a value, as often as it likes. */
export async function measureSdk(bench: Workbench): Promise<Section> {
  const directory = bench.directory('sdk');
  await writeFile(join(directory, 'config.json'), '{"n": 1}');
  const config = await connect({ directory, file: 'config.json' });
  const live = config as unknown as Readable;
  const plainNs = bestOf('plain', { current: { n: 1 } });
  const liveNs = bestOf('live', live);
  const pinnedNs = config.run(() => bestOf('pinned', live));
  await config.close();
  const over = liveNs - plainNs;
  bench.say(`sdk: a property ${cell(plainNs)} ns, current ${cell(liveNs)} ns`);
  return {
    title: 'Reading a value in an app',
    tables: [
      {
        columns: ['read', 'ns'],
        rows: [
          ['a property of an object', cell(plainNs)],
          ['`config.current`', cell(liveNs)],
          ['`config.current` in a `run`', cell(pinnedNs)],
        ],
      },
    ],
    notes: [
      `The best of ${ROUNDS} rounds with ${READS} reads each of \`x.current.n\`, so that another process on the machine does not count. The engine may lift the read of the plain property out of the loop.`,
    ],
    targets: [
      {
        what: 'SDK: reading `current` over a plain property',
        aim: `≤ ${AIM_NS} ns`,
        measured: `${cell(over)} ns`,
        isMet: over <= AIM_NS,
      },
    ],
  };
}

/** Nanoseconds of one read. The engine would share compiled code of the same text: hence the name. */
function bestOf(name: string, readable: Readable): number {
  const loop = new Function('readable', 'reads', `${LOOP} // ${name}`);
  let bestMs = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const startMs = performance.now();
    loop(readable, READS);
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  return (bestMs * 1e6) / READS;
}

const LOOP =
  'let sum = 0; for (let read = 0; read < reads; read += 1) sum += readable.current.n; return sum;';
