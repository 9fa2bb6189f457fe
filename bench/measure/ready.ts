import { join } from 'node:path';
import { startBareServer } from '../bare-server.ts';
import { Volume } from '../contents/volume.ts';
import { largest, median } from '../percentiles.ts';
import { cell, type Section } from '../section.ts';
import { type Launch, launchOf } from '../sidecar.ts';
import type { Workbench } from '../workbench.ts';

interface Way {
  readonly name: string;
  readonly start: () => Promise<number>;
  readonly tookMs: number[];
}

const PLAIN = 'lastgood';
const AIM_MS = 250;

/** From the start of the process to the first 200 of `/readyz`. */
export async function measureReady(bench: Workbench): Promise<Section> {
  const { starts } = bench.plan.ready;
  const ways = waysOf(bench);
  // Fills the compile caches and the page cache; what the first start of a node costs is not this.
  for (const { start } of ways) await start();
  for (let count = 0; count < starts; count += 1) {
    for (const { start, tookMs } of ways) tookMs.push(await start());
    bench.say(
      `ready: start ${count + 1} of ${starts}; ${ways.map(({ tookMs }) => `${cell(median(tookMs), 0)} ms`).join(', ')}`,
    );
  }
  const plain = ways.find(({ name }) => name === PLAIN)?.tookMs ?? [];
  const rows = ways.map(({ name, tookMs }) => [
    name,
    String(tookMs.length),
    cell(median(tookMs), 0),
    cell(Math.min(...tookMs), 0),
    cell(largest(tookMs), 0),
  ]);
  return {
    title: 'From the start of the process to ready',
    tables: [{ columns: ['start', 'starts', 'p50 ms', 'min ms', 'max ms'], rows }],
    notes: [
      'From just before the process is spawned to the first 200 of `/readyz`, asked every 2 ms, as a startup probe does. Published mode on tmpfs, with nothing there yet; `/readyz` answers 200 when the first snapshot has been captured, checked and published.',
      `"lastgood" is run as its first line says: \`${shownLaunch(bench)}\`; "no flags" has nothing of it. "compile cache" is \`NODE_COMPILE_CACHE\`, filled by a start before.`,
      'The bare server is `node:http` and nothing else: the part of it that is Node.',
    ],
    targets: [
      {
        what: 'lastgood: p50 from start to ready',
        aim: `≤ ${AIM_MS} ms`,
        measured: `${cell(median(plain), 0)} ms`,
        isMet: median(plain) <= AIM_MS,
      },
    ],
  };
}

function waysOf(bench: Workbench): Way[] {
  const bare: Launch = { env: {}, flags: [] };
  const asked = launchOf(bench.sidecarFile);
  const cached = ({ env, flags }: Launch): Launch => ({
    env: { ...env, NODE_COMPILE_CACHE: bench.directory('compile-cache') },
    flags,
  });
  const launches: [string, Launch][] = [
    [PLAIN, asked],
    ['lastgood, compile cache', cached(asked)],
    ['lastgood, no flags', bare],
    ['lastgood, no flags, compile cache', cached(bare)],
  ];
  const ways = launches.map(([name, launch]) => ({
    name,
    start: () => startLastgood(bench, launch),
    tookMs: [],
  }));
  return [{ name: 'bare server', start: () => startBare(bench), tookMs: [] }, ...ways];
}

async function startBare(bench: Workbench): Promise<number> {
  const server = startBareServer(bench);
  const tookMs = await server.ready();
  await server.stop();
  return tookMs;
}

/** As in a new pod: the volume is there, and nothing else. Answers the milliseconds until ready. */
export async function startLastgood(
  bench: Workbench,
  launch?: Launch,
  file?: string,
): Promise<number> {
  const dir = bench.directory('ready');
  const volume = await Volume.create(join(dir, 'volume'));
  const endpoint = bench.app.endpoint('ready', volume.dir);
  const sidecar = await bench.sidecar(
    {
      volume: volume.dir,
      dir,
      url: endpoint.url,
      mode: 'published',
      isChecked: true,
      ...(file === undefined ? {} : { file }),
    },
    launch,
  );
  const tookMs = await sidecar.ready();
  await sidecar.stop();
  return tookMs;
}

function shownLaunch(bench: Workbench): string {
  const { env, flags } = launchOf(bench.sidecarFile);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return [...variables, 'node', ...flags].join(' ');
}
