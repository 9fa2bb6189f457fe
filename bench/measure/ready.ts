import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '../../sidecar/build/bundle.ts';
import { startBareServer } from '../bare-server.ts';
import type { ContainerLimits } from '../container-limits.ts';
import { CONFIG_FILE, configOf, SCHEMA } from '../contents/contents.ts';
import { Volume } from '../contents/volume.ts';
import { buildImageFiles } from '../image-files.ts';
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
const IMAGE = 'files of the image';
const BARE = 'bare server, flags of the image';
const CHECKING = 'bare server that checks the file';
const AIM_MS = 250;
const AIM_TIMES = 2;

/** Of the pods in `deploy/`. */
const MEMORY_MIB = 64;
const CPU_MILLIS = 100;
const LIMITED = `, ${MEMORY_MIB}Mi and ${CPU_MILLIS}m`;

/** From the start of the process to the first 200 of `/readyz`. */
export async function measureReady(bench: Workbench): Promise<Section> {
  const { starts } = bench.plan.ready;
  const image = await buildImageFiles(bench.directory('image'));
  const checking = await buildCheckingServer(bench);
  const ways = [...waysOf(bench), ...waysOfImage(bench, image, checking)];
  // Fills the compile caches and the page cache; what the first start of a node costs is not this.
  for (const { start } of ways) await start();
  for (let count = 0; count < starts; count += 1) {
    for (const { start, tookMs } of ways) tookMs.push(await start());
    bench.say(
      `ready: start ${count + 1} of ${starts}; ${ways.map(({ tookMs }) => `${cell(median(tookMs), 0)} ms`).join(', ')}`,
    );
  }
  const medianOf = (wanted: string) =>
    median(ways.find(({ name }) => name === wanted)?.tookMs ?? []);
  const timesOver = (name: string) => medianOf(IMAGE + LIMITED) / medianOf(name + LIMITED);
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
      'The bare server is `node:http` and nothing else: the part of it that is Node. The one that checks the file also has js-yaml and ajv, as one file with a compile cache: the least that a start with the same check takes.',
      `The files of the image are the program as a script, with a compile cache that the build has made. With ${MEMORY_MIB}Mi and ${CPU_MILLIS}m, both run within the limits of a container; a dash is a machine on which none can be set.`,
    ],
    targets: [
      {
        what: `${IMAGE}: p50 from start to ready`,
        aim: `≤ ${AIM_MS} ms`,
        measured: `${cell(medianOf(IMAGE), 0)} ms`,
        isMet: medianOf(IMAGE) <= AIM_MS,
      },
      ...[BARE, CHECKING].map((name) => ({
        what: `${IMAGE}${LIMITED}: p50 from start to ready, over a ${name}`,
        aim: `≤ × ${AIM_TIMES}`,
        measured: `× ${cell(timesOver(name), 1)}`,
        isMet: timesOver(name) <= AIM_TIMES,
      })),
    ],
  };
}

function waysOf(bench: Workbench): Way[] {
  const bare: Launch = { env: {}, flags: [] };
  const asked = launchOf(bench.sidecarFile);
  const launches: [string, Launch][] = [
    [PLAIN, asked],
    ['lastgood, compile cache', withCache(bench, asked)],
    ['lastgood, no flags', bare],
    ['lastgood, no flags, compile cache', withCache(bench, bare)],
  ];
  const ways = launches.map(([name, launch]) => ({
    name,
    start: () => startLastgood(bench, launch),
    tookMs: [],
  }));
  return [{ name: 'bare server', start: () => startBare(bench), tookMs: [] }, ...ways];
}

/** Returns its arguments for Node. */
async function buildCheckingServer(bench: Workbench): Promise<readonly string[]> {
  const dir = bench.directory('checking');
  const program = join(dir, 'checking-server.cjs');
  const source = join(import.meta.dirname, '../contenders/checking-server.ts');
  await bundle(source, { outfile: program }, { format: 'cjs' });
  const file = join(dir, CONFIG_FILE);
  await writeFile(file, configOf(0));
  return [program, file, SCHEMA];
}

/** The files of the image and bare servers, with the same flags, without limits and with them. */
function waysOfImage(bench: Workbench, image: string, checking: readonly string[]): Way[] {
  const launch = launchOf(image);
  const cached = withCache(bench, launch);
  return [false, true].flatMap((isLimited) => {
    const limit = () => (isLimited ? bench.containerLimits(MEMORY_MIB, CPU_MILLIS) : undefined);
    const name = isLimited ? LIMITED : '';
    return [
      { name: BARE + name, start: () => startBare(bench, launch, limit()), tookMs: [] },
      {
        name: CHECKING + name,
        start: () => startBare(bench, cached, limit(), checking),
        tookMs: [],
      },
      { name: IMAGE + name, start: () => startLastgood(bench, launch, image, limit()), tookMs: [] },
    ];
  });
}

function withCache(bench: Workbench, { env, flags }: Launch): Launch {
  return { env: { ...env, NODE_COMPILE_CACHE: bench.directory('compile-cache') }, flags };
}

async function startBare(
  bench: Workbench,
  launch?: Launch,
  limits?: ContainerLimits,
  program?: readonly string[],
): Promise<number> {
  const server = startBareServer(bench, launch, limits, program);
  const tookMs = await server.ready();
  await server.stop();
  limits?.remove();
  return tookMs;
}

/** As in a new pod: the volume is there, and nothing else. Answers the milliseconds until ready. */
export async function startLastgood(
  bench: Workbench,
  launch?: Launch,
  file?: string,
  limits?: ContainerLimits,
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
    limits,
  );
  const tookMs = await sidecar.ready();
  await sidecar.stop();
  limits?.remove();
  return tookMs;
}

function shownLaunch(bench: Workbench): string {
  const { env, flags } = launchOf(bench.sidecarFile);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return [...variables, 'node', ...flags].join(' ');
}
