import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Volume } from '../../contents/volume.ts';
import { cpuMsOf } from '../../process-facts.ts';
import type { Reloader } from '../../reloader.ts';
import { cell, type Target } from '../../section.ts';
import type { Workbench } from '../../workbench.ts';
import type { Part } from './part.ts';

const DEADLINE_MS = 15_000;
const GAP_MS = 2;
/** By then the contender has sent all of its requests. */
const QUIET_MS = 500;

interface Burst {
  readonly row: readonly string[];
  readonly target: Target | undefined;
}

/** Many swaps in a row: how many requests come of them, and whether the last content arrives. */
export async function burstOf(bench: Workbench, contenders: readonly Reloader[]): Promise<Part> {
  const bursts: Burst[] = [];
  for (const contender of contenders) bursts.push(await burst(bench, contender));
  return {
    table: {
      columns: [
        `contender, ${bench.plan.reloaders.burst} swaps in a burst`,
        'requests',
        'last content',
        'after the last swap, ms',
        'CPU ms',
      ],
      rows: bursts.map(({ row }) => row),
    },
    notes: [
      `A burst has a swap every ${GAP_MS} ms. "Last content" is delivered when a request comes at which the app finds it.`,
    ],
    targets: bursts.flatMap(({ target }) => target ?? []),
  };
}

async function burst(bench: Workbench, reloader: Reloader): Promise<Burst> {
  const { name } = reloader;
  bench.say(`reloaders: burst for ${name}`);
  const slug = `burst-${name.replace(/[^a-z]+/gi, '-')}`;
  const volume = await Volume.create(join(bench.directory(slug), 'volume'));
  const endpoint = bench.app.endpoint(slug, volume.dir);
  const { child } = await reloader.start(bench, { volume: volume.dir, url: endpoint.url });
  const [before, cpuBeforeMs] = [endpoint.requests, cpuMsOf(child.pid)];
  let last = await volume.swap();
  const startMs = performance.now();
  for (let count = 1; count < bench.plan.reloaders.burst; count += 1) {
    await sleep(Math.max(0, startMs + count * GAP_MS - performance.now()));
    last = await volume.swap();
  }
  const sighting = await endpoint.sighting(last.generation, DEADLINE_MS);
  await sleep(QUIET_MS);
  const row = [
    name,
    String(endpoint.requests - before),
    sighting === undefined ? 'lost' : 'delivered',
    sighting === undefined ? '–' : cell(sighting.atMs - last.atMs, 1),
    cell(cpuMsOf(child.pid) - cpuBeforeMs, 0),
  ];
  await child.stop();
  if (!reloader.isOurs) return { row, target: undefined };
  if (sighting === undefined) bench.problems.push(`${name}: the last content of a burst is lost`);
  const measured = sighting === undefined ? 'lost' : 'delivered';
  const target = { what: `burst, ${name}`, aim: 'last content delivered', measured };
  return { row, target: { ...target, isMet: sighting !== undefined } };
}
