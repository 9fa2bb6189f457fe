import { setTimeout as sleep } from 'node:timers/promises';
import { type Contender, type Setup, startLastgood } from '../contender.ts';
import { median, percentile } from '../percentiles.ts';
import { memoryOf } from '../process-facts.ts';
import { cell, type Section } from '../section.ts';
import type { Workbench } from '../workbench.ts';
import { newResult, type Result, runBlock } from './latency.ts';
import { rollOut } from './memory.ts';
import { startLastgood as startUntilReady } from './ready.ts';

/** Something measured of both builds; the lower the better. */
interface Pair {
  readonly what: string;
  readonly before: number;
  readonly after: number;
}

/** A ratio above this is called worse. */
const TOLERANCE = 1.05;

const SETUPS: readonly Setup[] = [
  { name: 'direct', mode: 'direct' },
  { name: 'direct, no schema', mode: 'direct', isChecked: false },
  { name: 'published on tmpfs', mode: 'published' },
];

/** The built sidecar beside an earlier build: both in turn, so that the machine's mood hits both. */
export async function measureBefore(bench: Workbench, before: string): Promise<Section> {
  const pairs = [
    ...(await comparedLatency(bench, before)),
    await comparedReady(bench, before),
    ...(await comparedMemory(bench, before)),
  ];
  const rows = pairs.map(({ what, before, after }) => [
    what,
    cell(before),
    cell(after),
    `× ${cell(after / before)}`,
  ]);
  const { rounds, starts, rollouts } = bench.plan.before;
  return {
    title: 'Before and after',
    tables: [{ columns: ['measurement', 'before', 'after', 'after / before'], rows }],
    notes: [
      `Both builds take turns: ${rounds} rounds of ${bench.plan.latency.swaps} swaps, ${starts} starts. Memory is anonymous (RssAnon), ${bench.plan.restMs / 1_000} s after the last of ${rollouts} rollouts.`,
    ],
    targets: pairs.map(({ what, before, after }) => ({
      what,
      aim: `≤ × ${TOLERANCE}`,
      measured: `× ${cell(after / before)}`,
      isMet: after / before <= TOLERANCE,
    })),
  };
}

async function comparedLatency(bench: Workbench, before: string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const setup of SETUPS) {
    const older = newResult(await startBuild(bench, setup, before));
    const newer = newResult(await startBuild(bench, setup));
    for (let round = 0; round < bench.plan.before.rounds; round += 1) {
      const turns = round % 2 === 0 ? [older, newer] : [newer, older];
      for (const result of turns) await runBlock(bench, result);
    }
    for (const { contender } of [older, newer]) await contender.child.stop();
    pairs.push(...latencyPairs(setup.name, older, newer));
    bench.say(
      `before: ${setup.name}: ${cell(median(older.tookMs))} and ${cell(median(newer.tookMs))} ms`,
    );
  }
  return pairs;
}

function latencyPairs(name: string, older: Result, newer: Result): Pair[] {
  const pair = (what: string, of: (result: Result) => number): Pair => ({
    what: `${name}: ${what}`,
    before: of(older),
    after: of(newer),
  });
  return [
    pair('swap to request, p50 ms', ({ tookMs }) => median(tookMs)),
    pair('swap to request, p90 ms', ({ tookMs }) => percentile(tookMs, 90)),
    pair('CPU ms per swap', ({ cpuMs, tookMs }) => cpuMs / tookMs.length),
  ];
}

function startBuild(bench: Workbench, setup: Setup, file?: string): Promise<Required<Contender>> {
  const name = `${setup.name}${file === undefined ? '' : ', before'}`;
  return startLastgood(bench, { ...setup, name, ...(file === undefined ? {} : { file }) });
}

async function comparedReady(bench: Workbench, before: string): Promise<Pair> {
  const older: number[] = [];
  const newer: number[] = [];
  // The first start of each fills the page cache.
  await startUntilReady(bench, undefined, before);
  await startUntilReady(bench);
  for (let count = 0; count < bench.plan.before.starts; count += 1) {
    older.push(await startUntilReady(bench, undefined, before));
    newer.push(await startUntilReady(bench));
  }
  bench.say(`before: ready after ${cell(median(older), 0)} and ${cell(median(newer), 0)} ms`);
  return { what: 'start to ready, p50 ms', before: median(older), after: median(newer) };
}

async function comparedMemory(bench: Workbench, before: string): Promise<Pair[]> {
  const setup: Setup = { name: 'memory', mode: 'published' };
  const older = await startBuild(bench, setup, before);
  const newer = await startBuild(bench, setup);
  const atRest = async () => {
    await sleep(bench.plan.restMs);
    return [older, newer].map(({ child }) => memoryOf(child.pid).anonMib) as [number, number];
  };
  const [olderFirst, newerFirst] = await atRest();
  for (let count = 0; count < bench.plan.before.rollouts; count += 1)
    for (const contender of [older, newer]) await rollOut(contender);
  const [olderLast, newerLast] = await atRest();
  for (const { child } of [older, newer]) await child.stop();
  const what = `memory at rest after ${bench.plan.before.rollouts} rollouts, MiB`;
  return [
    { what: 'memory at rest after the start, MiB', before: olderFirst, after: newerFirst },
    { what, before: olderLast, after: newerLast },
  ];
}
