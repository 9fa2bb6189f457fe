import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppConfig } from '../app-config.ts';
import { type Swap, Volume } from '../contents/volume.ts';
import { installedFor, sizeKibOf, versionOf } from '../installed.ts';
import { median, percentile } from '../percentiles.ts';
import { cell, type Section } from '../section.ts';
import type { Workbench } from '../workbench.ts';

const PROGRAM = join(import.meta.dirname, '../contenders/sdk-peers.mjs');
const DIST = join(import.meta.dirname, '../../sdk/dist');
const FILE = 'value.json';

const DEADLINE_MS = 30_000;
/** A library that has not shown a change by then has missed it. */
const MISSED_MS = 3_000;
/** From one change to the next. */
const GAP_MS = 20;

/** A library by its name in the program. */
interface Library {
  readonly name: string;
  readonly label: string;
  /** What an app installs beside the built package of the SDK. */
  readonly packages: readonly string[];
  readonly isSdk?: true;
  /** The file with the number `n`. */
  readonly content: (n: number) => string;
}

const plain = (n: number) => JSON.stringify({ n });
const launchDarkly = (n: number) => JSON.stringify({ flagValues: { n } });
const flagd = (n: number) =>
  JSON.stringify({ flags: { n: { state: 'ENABLED', variants: { n }, defaultVariant: 'n' } } });

const EMPTY = 'property';
const SDK: Library = {
  ...{ name: 'lastgood', label: '`@lastgood/sdk`', packages: [], isSdk: true, content: plain },
};
const LAUNCHDARKLY: Library = {
  name: 'launchdarkly',
  label: 'LaunchDarkly, file data source',
  packages: ['@launchdarkly/node-server-sdk'],
  content: launchDarkly,
};
const LIBRARIES: readonly Library[] = [
  { name: EMPTY, label: 'none: a property', packages: [], content: plain },
  { name: 'awaited', label: 'none: an `async` function', packages: [], content: plain },
  SDK,
  LAUNCHDARKLY,
  {
    // A client of AppConfig asks a service; the reads are those of its cache, so a stand-in for the service is fair.
    name: 'appconfig',
    label: 'AWS AppConfig, by Powertools',
    packages: ['@aws-lambda-powertools/parameters', '@aws-sdk/client-appconfigdata'],
    content: plain,
  },
  {
    name: 'openfeature-memory',
    label: 'OpenFeature, `InMemoryProvider`',
    packages: ['@openfeature/server-sdk'],
    content: flagd,
  },
  {
    name: 'openfeature-flagd',
    label: 'OpenFeature, flagd with a file',
    packages: ['@openfeature/flagd-provider', '@openfeature/server-sdk'],
    content: flagd,
  },
  {
    name: 'openfeature-lastgood',
    label: 'OpenFeature, `@lastgood/sdk`',
    packages: ['@openfeature/server-sdk', '@openfeature/flagd-core'],
    isSdk: true,
    content: flagd,
  },
];

/** What one start of an app printed. */
interface Start {
  readonly importMs: number;
  readonly openMs: number;
  readonly bothMs: number;
  readonly heapMib: number;
  readonly anonMib: number;
  readonly readNs: number;
}

/** What the SDK costs an app, beside other libraries that an app reads a changing value with. */
export async function measureSdkPeers(bench: Workbench): Promise<Section> {
  const starts = await measureStarts(bench);
  const changes = [
    ...(await measureChanges(bench, SDK)),
    ...(await measureChanges(bench, LAUNCHDARKLY)),
  ];
  const p50 = (name: string, key: keyof Start) => median(valuesOf(starts, name, key));
  const p99 = (name: string, key: keyof Start) => percentile(valuesOf(starts, name, key), 99);
  const over = (name: string, key: keyof Start) => p50(name, key) - p50(EMPTY, key);
  return {
    title: 'The SDK beside other libraries',
    tables: [
      {
        columns: [
          ...['library', 'version', 'packages', 'KiB'],
          ...['import p50 ms', 'first value p50 ms', 'both p50 ms', 'p99 ms'],
          ...['heap MiB', 'anonymous MiB'],
        ],
        rows: LIBRARIES.filter(hasCode).map(({ name, label, packages, isSdk }) => {
          const installed = installedFor(packages);
          const version = packages[0] === undefined ? '–' : versionOf(packages[0]);
          const own = isSdk ? { packages: 1, sizeKib: sizeKibOf(DIST) } : NOTHING;
          return [
            ...[label, version, String(installed.packages + own.packages)],
            cell(installed.sizeKib + own.sizeKib, 0),
            ...[cell(p50(name, 'importMs'), 1), cell(p50(name, 'openMs'), 1)],
            ...[cell(p50(name, 'bothMs'), 1), cell(p99(name, 'bothMs'), 1)],
            ...[cell(over(name, 'heapMib'), 1), cell(over(name, 'anonMib'), 1)],
          ];
        }),
      },
      {
        columns: ['read of one number', 'p50 ns', 'p99 ns', 'over a property ns', 'to the SDK'],
        rows: LIBRARIES.map(({ name, label }) => [
          label,
          cell(p50(name, 'readNs'), 1),
          cell(p99(name, 'readNs'), 1),
          cell(over(name, 'readNs'), 1),
          `${cell(p50(name, 'readNs') / p50(SDK.name, 'readNs'), 1)} ×`,
        ]),
      },
      { columns: ['change of a file', 'changes', 'seen', 'p50 ms', 'p99 ms'], rows: changes },
    ],
    notes: [
      `One number in a file of JSON; ${bench.plan.ready.starts} starts of each app, in turn, each in a separate process. Heap and anonymous memory are after a garbage collection, and over those of an app without a library.`,
      '*Packages* and *KiB* are what npm installs, with dependencies and without optional ones. *Both* is the time that an app waits: the SDK loads most of its code in `connect`, others all of it by the import.',
      'A read is the best of 300 short rounds of a process. The SDK has the value as a property; the others return a promise, so compare them with the `async` function.',
      'Nothing here reaches the network: LaunchDarkly reads a file, which it offers for tests, and a stand-in for AppConfig answers on the same machine.',
      'A file written in place may be half written, so the SDK waits until it holds still. LaunchDarkly watches the file and not its directory, so it misses swaps of a volume.',
      'The other libraries have no change to measure: flagd looks at its file every 5 s, Powertools asks when its cached value is 5 s old, and the value of `InMemoryProvider` changes by a call.',
    ],
    targets: [],
  };
}

const NOTHING = { packages: 0, sizeKib: 0 };

function hasCode({ packages, isSdk }: Library): boolean {
  return packages.length > 0 || isSdk === true;
}

type Starts = ReadonlyMap<string, readonly Start[]>;

function valuesOf(starts: Starts, name: string, key: keyof Start): readonly number[] {
  return (starts.get(name) ?? []).map((start) => start[key]);
}

/** In turn, so that what else the machine does counts for all. */
async function measureStarts(bench: Workbench): Promise<Starts> {
  const service = await AppConfig.start(plain(1));
  const places = LIBRARIES.map(({ name, content }) => {
    const file = join(bench.directory('sdk-peers'), FILE);
    writeFileSync(file, content(1));
    return [name, name === 'appconfig' ? service.url : file] as const;
  });
  const starts = new Map<string, Start[]>(LIBRARIES.map(({ name }) => [name, []]));
  for (let count = 0; count < bench.plan.ready.starts; count += 1)
    for (const [name, place] of places) starts.get(name)?.push(await startOnce(bench, name, place));
  service.stop();
  return starts;
}

async function startOnce(bench: Workbench, name: string, place: string): Promise<Start> {
  const args = ['--expose-gc', PROGRAM, name, place];
  const child = bench.start(name, { command: process.execPath, args });
  const look = () => /^ready (.*)$/.exec(child.tail.at(-1) ?? '')?.[1];
  const printed = JSON.parse(await child.until('value', look, DEADLINE_MS));
  if (printed.value !== 1) bench.problems.push(`sdk-peers: ${name} reads ${printed.value}, not 1`);
  await child.stop();
  return { ...printed, bothMs: printed.importMs + printed.openMs };
}

/** Rows: a file that is written in place, and one in a volume of the kubelet. */
async function measureChanges(bench: Workbench, { name, label, content }: Library) {
  const dir = bench.directory('sdk-peers');
  const file = join(bench.directory('sdk-peers'), FILE);
  writeFileSync(file, content(1));
  let generation = 1;
  const writeInPlace = async () => {
    generation += 1;
    const atMs = performance.now();
    writeFileSync(file, content(generation));
    return { generation, atMs };
  };
  const volume = await Volume.create(join(dir, 'volume'), (count) => ({
    [FILE]: { bytes: content(count) },
  }));
  const ways = [
    [`${label}: written in place`, file, writeInPlace],
    [`${label}: a volume's swap`, join(volume.dir, FILE), () => volume.swap()],
  ] as const;
  const rows: (readonly string[])[] = [];
  for (const [what, path, change] of ways) {
    const tookMs = await measureWay(bench, [name, path], change);
    const { swaps } = bench.plan.latency;
    const changes = Math.min(tookMs.length + 1, swaps);
    if (name === SDK.name && tookMs.length < swaps) bench.problems.push(`sdk-peers: ${what}: lost`);
    rows.push([
      ...[what, String(changes), String(tookMs.length)],
      ...[cell(median(tookMs)), cell(percentile(tookMs, 99))],
    ]);
  }
  return rows;
}

/** Milliseconds from each change to the listener, until one is missed. */
async function measureWay(
  bench: Workbench,
  [name, path]: readonly [string, string],
  change: () => Promise<Swap>,
): Promise<readonly number[]> {
  const args = [PROGRAM, name, path, '--listen'];
  const child = bench.start(name, { command: process.execPath, args });
  await child.until('listener', () => child.tail.find((line) => line === 'listening'), DEADLINE_MS);
  const seenAtMs = new Map<number, number>();
  child.onLine((line) =>
    seenAtMs.set(Number(/^changed (\d+)$/.exec(line)?.[1]), performance.now()),
  );
  const tookMs: number[] = [];
  for (let count = 0; count < bench.plan.latency.swaps; count += 1) {
    await sleep(GAP_MS);
    const { generation, atMs } = await change();
    const seen = () => seenAtMs.get(generation);
    const atSeenMs = await child.until('change', seen, MISSED_MS).catch((error) => {
      if (child.hasEnded) throw error;
    });
    if (atSeenMs === undefined) break;
    tookMs.push(atSeenMs - atMs);
  }
  await child.stop();
  return tookMs;
}
