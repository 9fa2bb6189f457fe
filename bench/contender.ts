import { join } from 'node:path';
import type { Endpoint } from './app.ts';
import type { Child } from './child.ts';
import { Volume } from './contents/volume.ts';
import { BenchFailure } from './failure.ts';
import { liveIn, type Sidecar } from './sidecar.ts';
import type { Workbench } from './workbench.ts';

/** One running program that brings a swap to the app, with a separate volume. */
export interface Contender {
  readonly name: string;
  readonly volume: Volume;
  readonly endpoint: Endpoint;
  readonly child: Child;
  /** Undefined for what is not lastgood. */
  readonly sidecar?: Sidecar;
}

const START_WITHIN_MS = 30_000;

export async function startFloor(bench: Workbench): Promise<Contender> {
  const dir = bench.directory('floor');
  const volume = await Volume.create(join(dir, 'volume'));
  const endpoint = bench.app.endpoint('floor', volume.dir);
  const program = join(import.meta.dirname, 'contenders/floor.ts');
  const args = [program, volume.dir, endpoint.url];
  const child = bench.start('floor', { command: process.execPath, args });
  await child.until('watch', () => child.tail.at(-1) ?? undefined, START_WITHIN_MS);
  return { name: 'floor: bare fs.watch + POST', volume, endpoint, child };
}

/** How lastgood is set up for one row of the table. */
export interface Setup {
  readonly name: string;
  readonly mode: 'published' | 'direct';
  readonly where?: 'memory' | 'disk';
  readonly isChecked?: boolean;
  readonly isConfirmed?: boolean;
  /** Another built file than the one that is measured. */
  readonly file?: string;
}

/** Starts lastgood and waits until it is ready. */
export async function startLastgood(bench: Workbench, setup: Setup): Promise<Required<Contender>> {
  const { name, mode, where = 'memory', isChecked = true, isConfirmed = false } = setup;
  const slug = name.replace(/[^a-z]+/gi, '-');
  const dir = bench.directory(slug);
  const dataDir = where === 'disk' ? bench.directory(slug, 'disk') : dir;
  const volume = await Volume.create(join(dir, 'volume'));
  const read = mode === 'published' ? liveIn({ dir, dataDir }) : volume.dir;
  const endpoint = bench.app.endpoint(slug, read);
  const sidecar = await bench.sidecar({
    volume: volume.dir,
    dir,
    dataDir,
    url: endpoint.url,
    mode,
    isChecked,
    ...(setup.file === undefined ? {} : { file: setup.file }),
    ...(isConfirmed ? { healthUrl: bench.app.healthUrl } : {}),
  });
  await sidecar.ready();
  return { name, volume, endpoint, child: sidecar.child, sidecar };
}

/** Starts the shell loop, and waits for the request that it sends at its start. */
export async function startShellLoop(bench: Workbench): Promise<Contender> {
  const volume = await Volume.create(join(bench.directory('shell'), 'volume'));
  const endpoint = bench.app.endpoint('shell', volume.dir);
  const args = [
    join(import.meta.dirname, 'contenders/shell-loop.sh'),
    join(volume.dir, 'config.yaml'),
    endpoint.url,
  ];
  const child = bench.start('shell loop', { command: 'sh', args });
  if ((await endpoint.sighting(1, START_WITHIN_MS)) === undefined)
    throw new BenchFailure('the shell loop sends nothing', child.tail);
  return { name: 'shell loop: md5sum every 10 s', volume, endpoint, child };
}
