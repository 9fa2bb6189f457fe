import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAheadKib } from '../../sidecar/src/app/limits.ts';
import { Volume } from '../contents/volume.ts';
import { BenchFailure } from '../failure.ts';
import { largest, median } from '../percentiles.ts';
import { cell, type Section } from '../section.ts';
import { type Launch, launchOf } from '../sidecar.ts';
import type { Workbench } from '../workbench.ts';

const MEMORY_MIB = [64, 80, 96, 128];
const CPU_MILLIS = 100;

/** The built sidecar, and the Node that runs it. */
interface Installed {
  readonly file: string;
  readonly launch: Launch & { readonly node: string };
}

/** A first start on a node: the files of the image are on its disk, and none is in memory. */
export async function measureCold(bench: Workbench): Promise<Section> {
  const { starts } = bench.plan.cold;
  const rows: string[][] = [];
  const installed = bench.hasDisk ? install(bench) : undefined;
  for (const memoryMib of MEMORY_MIB) {
    if (installed === undefined) break;
    const tookS: number[] = [];
    for (let count = 0; count < starts; count += 1)
      tookS.push(await startCold(bench, installed, memoryMib));
    rows.push([`${memoryMib}Mi`, String(starts), cell(median(tookS), 1), cell(largest(tookS), 1)]);
    bench.say(`cold: ${rows.at(-1)?.join(', ')}`);
  }
  return {
    title: 'A cold start within the limits of a container',
    tables: [{ columns: ['memory limit', 'starts', 'p50 s', 'max s'], rows }],
    notes: [
      `With a CPU limit of ${CPU_MILLIS}m, from just before the process is spawned to the first 200 of \`/readyz\`. Node and \`lastgood.js\` are copies on a disk that reads ${readAheadKib()} KiB ahead, dropped from memory before each start. A dash is a start that was not ready within 30 s, or a machine on which no limit can be set.`,
    ],
    targets: [],
  };
}

/** Answers the seconds until ready; infinite if it does not get there. */
async function startCold(
  bench: Workbench,
  { file, launch }: Installed,
  memoryMib: number,
): Promise<number> {
  const limits = bench.containerLimits(memoryMib, CPU_MILLIS);
  if (limits === undefined) return Number.NaN;
  const dir = bench.directory('cold', 'disk');
  const volume = await Volume.create(join(dir, 'volume'));
  const endpoint = bench.app.endpoint('cold', volume.dir);
  const { url } = endpoint;
  const options = {
    file,
    volume: volume.dir,
    dir,
    url,
    mode: 'published',
    isChecked: true,
  } as const;
  for (const path of [launch.node, file]) dropFromMemory(path);
  const sidecar = await bench.sidecar(options, launch, limits);
  try {
    return (await sidecar.ready()) / 1_000;
  } catch (error) {
    if (error instanceof BenchFailure) return Number.POSITIVE_INFINITY;
    throw error;
  } finally {
    await sidecar.stop();
    limits.remove();
  }
}

function install(bench: Workbench): Installed {
  const dir = bench.directory('cold-program', 'disk');
  const file = join(dir, 'lastgood.mjs');
  const node = join(dir, 'node');
  copyFileSync(bench.sidecarFile, file);
  copyFileSync(process.execPath, node);
  return { file, launch: { ...launchOf(file), node } };
}

/** Not that of the bench itself: the pages of a running program stay in memory. */
function dropFromMemory(path: string): void {
  execFileSync('sync', [path]);
  execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
}
