import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Config, connect } from '@lastgood/sdk';
import { cell, type Section } from '../section.ts';
import type { Workbench } from '../workbench.ts';

const ROUNDS = 100;
const READS = 1_000_000;
const USES = 20_000;
const AIM_NS = 2;

interface Readable {
  readonly current: { readonly n: number };
}

/** What an app pays to read a value and to use a resource, as often as it likes. */
export async function measureSdk(bench: Workbench): Promise<Section> {
  const directory = bench.directory('sdk');
  await writeFile(join(directory, 'config.json'), '{"n": 1}');
  const config = await connect({ directory, file: 'config.json' });
  const live = config as unknown as Readable;
  const plainNs = bestOf('plain', { current: { n: 1 } });
  const liveNs = bestOf('live', live);
  const pinnedNs = config.run(() => bestOf('pinned', live));
  const uses = await measureUses(config);
  await config.close();
  const over = liveNs - plainNs;
  bench.say(`sdk: a property ${cell(plainNs)} ns, current ${cell(liveNs)} ns`);
  return {
    title: 'Values and resources in an app',
    tables: [
      {
        columns: ['read', 'ns'],
        rows: [
          ['a property of an object', cell(plainNs)],
          ['`config.current`', cell(liveNs)],
          ['`config.current` in a `run`', cell(pinnedNs)],
        ],
      },
      { columns: ['use', 'ns'], rows: uses },
    ],
    notes: [
      `The best of ${ROUNDS} rounds with ${READS} reads each of \`x.current.n\`, so that another process on the machine does not count. The engine may lift the read of the plain property out of the loop.`,
      `For a resource, ${USES} uses by a function that returns at once.`,
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

async function measureUses(config: Config<unknown>): Promise<readonly (readonly string[])[]> {
  const model = { n: 1 };
  const read = ({ n }: typeof model) => n;
  const resource = await config.resource({ select: (value) => value, open: () => model });
  const call = async (fn: typeof read) => await fn(model);
  const lease = async () => {
    const { value, release } = await resource.acquire();
    release();
    return read(value);
  };
  return [
    ['a call of an `async` function', cell(await bestUseOf(() => call(read)))],
    ['`resource.use`', cell(await bestUseOf(() => resource.use(read)))],
    ['`resource.acquire` and `release`', cell(await bestUseOf(lease))],
  ];
}

async function bestUseOf(use: () => Promise<number>): Promise<number> {
  let bestMs = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const startMs = performance.now();
    for (let count = 0; count < USES; count += 1) await use();
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  return (bestMs * 1e6) / USES;
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
