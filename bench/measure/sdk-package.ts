import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Volume } from '../contents/volume.ts';
import { sizeKibOf } from '../installed.ts';
import { median, percentile } from '../percentiles.ts';
import { memoryOf } from '../process-facts.ts';
import { cell, type Section } from '../section.ts';
import type { Workbench } from '../workbench.ts';

const DIST = join(import.meta.dirname, '../../sdk/dist');
const ENTRY = join(DIST, 'index.js');
const APP = join(import.meta.dirname, '../contenders/sdk-app.mjs');

const DEADLINE_MS = 10_000;
/** From one change to the next. */
const GAP_MS = 20;

const AIM_IMPORT_MS = 15;
const AIM_MEMORY_MIB = 3;
const AIM_CHANGE_MS = 3;
const AIM_SIZE_KIB = 1024;

/** Medians over the starts of an app. */
interface Starts {
  readonly importMs: number;
  readonly connectMs: number;
  readonly heapMib: number;
  readonly anonMib: number;
}

/** What the built package costs an app: its size, import, first value and memory, and how soon a change is there. */
export async function measureSdkPackage(bench: Workbench): Promise<Section> {
  const volume = await Volume.create(join(bench.directory('sdk'), 'volume'));
  const empty = join(bench.directory('sdk'), 'empty.mjs');
  writeFileSync(empty, 'export {};\n');
  const bare = await measureStarts(bench, [empty]);
  const imported = await measureStarts(bench, [ENTRY]);
  const connected = await measureStarts(bench, [ENTRY, volume.dir]);
  const subscribed = await measureSubscribed(bench, volume);
  const changesMs = await measureChanges(bench, volume);
  const rows = Object.entries({
    empty: bare,
    'imports the SDK': imported,
    'connects to a directory': connected,
    'connects to a sidecar': subscribed,
  });
  const over = (starts: Starts, key: keyof Starts) =>
    [starts[key] - bare[key], AIM_MEMORY_MIB] as const;
  const sizeKib = sizeKibOf(DIST);
  return {
    title: 'What the SDK costs an app',
    tables: [
      {
        columns: ['app', 'import ms', 'connect ms', 'heap MiB', 'anonymous MiB'],
        rows: rows.map(([name, { importMs, connectMs, heapMib, anonMib }]) => [
          name,
          cell(importMs, 1),
          cell(connectMs > 0 ? connectMs : Number.NaN, 1),
          cell(heapMib, 1),
          cell(anonMib, 1),
        ]),
      },
      {
        columns: ['from a swap to onChange', 'changes', 'p50 ms', 'p99 ms'],
        rows: [
          [
            'directory, 10 KB of YAML',
            String(changesMs.length),
            cell(median(changesMs)),
            cell(percentile(changesMs, 99)),
          ],
        ],
      },
    ],
    notes: [
      `The built package of ${cell(sizeKib, 0)} KiB; medians of ${bench.plan.ready.starts} starts of each app. \`connect\` loads the parsers, reads two files of a volume and parses one of 10 KB. Memory is after a garbage collection.`,
      '*Anonymous* is all of the private memory: the heap in use, the young generation that V8 keeps while it is empty, and what it needed to compile.',
      'From just before `..data` is renamed to the line that the listener of the app prints.',
    ],
    targets: [
      atMost('SDK: installed size', [sizeKib, AIM_SIZE_KIB], 'KiB'),
      atMost('SDK: import, p50', [imported.importMs, AIM_IMPORT_MS], 'ms'),
      atMost('SDK: heap in use over an empty app', over(connected, 'heapMib'), 'MiB'),
      atMost('SDK: heap with a sidecar', over(subscribed, 'heapMib'), 'MiB'),
      atMost('SDK: anonymous memory over an empty app', over(connected, 'anonMib'), 'MiB'),
      atMost('SDK: anonymous memory with a sidecar', over(subscribed, 'anonMib'), 'MiB'),
      atMost('SDK: a change of a directory, p50', [median(changesMs), AIM_CHANGE_MS], 'ms'),
    ],
  };
}

async function measureStarts(bench: Workbench, args: readonly string[]): Promise<Starts> {
  const starts: Starts[] = [];
  for (let count = 0; count < bench.plan.ready.starts; count += 1) {
    const { child, ready } = await startApp(bench, args);
    starts.push({ ...ready, anonMib: memoryOf(child.pid).anonMib });
    await child.stop();
  }
  const medianOf = (key: keyof Starts) => median(starts.map((start) => start[key]));
  return {
    importMs: medianOf('importMs'),
    connectMs: medianOf('connectMs'),
    heapMib: medianOf('heapMib'),
    anonMib: medianOf('anonMib'),
  };
}

/** With the built sidecar, whose volume it is. */
async function measureSubscribed(bench: Workbench, { dir: volume }: Volume): Promise<Starts> {
  const dir = bench.directory('sdk');
  const options = { volume, dir, url: '', mode: 'direct', isChecked: true } as const;
  const sidecar = await bench.sidecar({ ...options, hasSubscribers: true });
  await sidecar.ready();
  const starts = await measureStarts(bench, [ENTRY, join(dir, 'run/sdk.sock')]);
  await sidecar.stop();
  return starts;
}

async function measureChanges(bench: Workbench, volume: Volume): Promise<readonly number[]> {
  const { child } = await startApp(bench, [ENTRY, volume.dir]);
  const seenAtMs = new Map<number, number>();
  child.onLine((line) =>
    seenAtMs.set(Number(/^changed (\d+)$/.exec(line)?.[1]), performance.now()),
  );
  const tookMs: number[] = [];
  for (let count = 0; count < bench.plan.latency.swaps; count += 1) {
    await sleep(GAP_MS);
    const { generation, atMs } = await volume.swap();
    const seen = () => seenAtMs.get(generation);
    tookMs.push((await child.until(`change ${generation}`, seen, DEADLINE_MS)) - atMs);
  }
  await child.stop();
  return tookMs;
}

async function startApp(bench: Workbench, args: readonly string[]) {
  const command = { command: process.execPath, args: ['--expose-gc', APP, ...args] };
  const child = bench.start('app', command);
  const look = () => /^ready (.*)$/.exec(child.tail.at(-1) ?? '')?.[1];
  const printed = await child.until('connection', look, DEADLINE_MS);
  return { child, ready: JSON.parse(printed) as Omit<Starts, 'anonMib'> };
}

function atMost(what: string, [value, aim]: readonly [number, number], unit: string) {
  const [measured, isMet] = [`${cell(value, 1)} ${unit}`, value <= aim];
  return { what, aim: `≤ ${aim} ${unit}`, measured, isMet };
}
