import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../app.ts';
import { startFloor } from '../../contender.ts';
import { Volume } from '../../contents/volume.ts';
import { median, percentile } from '../../percentiles.ts';
import { cpuMsOf, memoryOf } from '../../process-facts.ts';
import type { Reloader, Started } from '../../reloader.ts';
import { cell, type Target } from '../../section.ts';
import type { Workbench } from '../../workbench.ts';
import type { Part } from './part.ts';

const DEADLINE_MS = 10_000;
const GAP_MS = 20;
const JITTER_MS = 10;

/** How much slower than the one it replaces lastgood may be at the median. */
const AIM_PLAIN = 1.5;
const AIM_CHECKED = 3;

interface Run extends Started {
  readonly name: string;
  /** Undefined for the floor. */
  readonly reloader: Reloader | undefined;
  readonly volume: Volume;
  readonly endpoint: Endpoint;
  readonly tookMs: number[];
  cpuMs: number;
}

/** From a swap to the request, CPU time and memory, all contenders in turn. */
export async function latencyOf(bench: Workbench, contenders: readonly Reloader[]): Promise<Part> {
  bench.say('reloaders: starting all contenders');
  const floor = await startFloor(bench);
  const runs: Run[] = [{ ...floor, reloader: undefined, sidecar: undefined, tookMs: [], cpuMs: 0 }];
  for (const reloader of contenders) runs.push(await startOne(bench, reloader));
  const { rounds } = bench.plan.reloaders;
  for (let round = 0; round < rounds; round += 1) {
    const first = round % runs.length;
    for (const run of [...runs.slice(first), ...runs.slice(0, first)]) await runBlock(bench, run);
    const so = runs.map(({ tookMs }) => `${cell(median(tookMs))} ms`).join(', ');
    bench.say(`reloaders: round ${round + 1} of ${rounds}; p50 so far ${so}`);
  }
  const rows = runs.map((run) => rowOf(run, runs));
  await Promise.all(runs.map(({ child }) => child.stop()));
  return {
    table: {
      columns: [
        'contender',
        'swaps',
        'p50 ms',
        'p99 ms',
        'max ms',
        'p50 over the real one',
        'p99 over the real one',
        'CPU ms per 1,000 reloads',
        'anonymous MiB',
        'RSS MiB',
      ],
      rows,
    },
    notes: [
      'Each program has the command line of its manifests, and a separate volume on tmpfs whose swaps bring 10 KB; the app is the bench itself. They take turns, as above. "The real one" is the program whose command line it has. `--delay-interval=0s` because its second of waiting would hide all else.',
      'Without further flags lastgood in place of configmap-reload does what that does: it notifies the app of each swap and reads nothing (`reloadOn: swap`). With `--schema` it reads, parses and checks each content first.',
      'The bench measures memory right after the last reload.',
    ],
    targets: targetsOf(runs),
  };
}

async function startOne(bench: Workbench, reloader: Reloader): Promise<Run> {
  const slug = reloader.name.replace(/[^a-z]+/gi, '-');
  const volume = await Volume.create(join(bench.directory(slug), 'volume'));
  const endpoint = bench.app.endpoint(slug, volume.dir);
  const started = await reloader.start(bench, { volume: volume.dir, url: endpoint.url });
  return { ...started, name: reloader.name, reloader, volume, endpoint, tookMs: [], cpuMs: 0 };
}

async function runBlock(bench: Workbench, run: Run): Promise<void> {
  const beforeMs = cpuMsOf(run.child.pid);
  for (let count = 0; count < bench.plan.reloaders.swaps; count += 1) {
    await sleep(GAP_MS + (Math.random() * 2 - 1) * JITTER_MS);
    const commits = run.sidecar?.outcomes('committed') ?? 0;
    const swap = await run.volume.swap();
    const sighting = await run.endpoint.sighting(swap.generation, DEADLINE_MS);
    if (sighting === undefined)
      bench.problems.push(`${run.name}: no request for generation ${swap.generation}`);
    else run.tookMs.push(sighting.atMs - swap.atMs);
    await run.sidecar?.committed(commits + 1, DEADLINE_MS);
  }
  run.cpuMs += cpuMsOf(run.child.pid) - beforeMs;
}

function rowOf(run: Run, runs: readonly Run[]): string[] {
  const { name, tookMs, cpuMs, child } = run;
  const { anonMib, rssMib } = memoryOf(child.pid);
  const rival = rivalOf(run, runs);
  const over = (percent: number) =>
    rival === undefined
      ? '–'
      : `× ${cell(percentile(tookMs, percent) / percentile(rival.tookMs, percent))}`;
  return [
    name,
    String(tookMs.length),
    cell(median(tookMs)),
    cell(percentile(tookMs, 99)),
    cell(percentile(tookMs, 100)),
    over(50),
    over(99),
    cell((cpuMs / tookMs.length) * 1_000, 0),
    cell(anonMib, 1),
    cell(rssMib, 1),
  ];
}

/** The real one, for lastgood in its place. */
function rivalOf({ reloader }: Run, runs: readonly Run[]): Run | undefined {
  if (!reloader?.isOurs) return undefined;
  return runs.find(
    (other) => other.reloader?.isOurs === false && other.reloader.of === reloader.of,
  );
}

function targetsOf(runs: readonly Run[]): Target[] {
  return runs.flatMap((run) => {
    const rival = rivalOf(run, runs);
    if (rival === undefined) return [];
    const aim = run.reloader?.isChecked ? AIM_CHECKED : AIM_PLAIN;
    const [p50, p99] = [50, 99].map(
      (percent) => percentile(run.tookMs, percent) / percentile(rival.tookMs, percent),
    ) as [number, number];
    return [
      {
        what: `${run.name}: p50 over the real one`,
        aim: `≤ × ${aim}`,
        measured: `× ${cell(p50)}`,
        isMet: p50 <= aim,
      },
      {
        what: `${run.name}: p99 over the real one`,
        aim: '≤ × 1',
        measured: `× ${cell(p99)}`,
        isMet: p99 <= 1,
      },
    ];
  });
}
