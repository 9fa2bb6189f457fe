import { setTimeout as sleep } from 'node:timers/promises';
import { type Contender, type Setup, startFloor, startLastgood } from '../contender.ts';
import { largest, median, percentile } from '../percentiles.ts';
import { cpuMsOf } from '../process-facts.ts';
import { cell, type Section, type Table, type Target } from '../section.ts';
import type { Workbench } from '../workbench.ts';
import { measureShellLoop, type ShellResult } from './shell-loop.ts';

const DEADLINE_MS = 10_000;
/** From one request to the next swap, plus or minus the jitter. */
const GAP_MS = 20;
const JITTER_MS = 10;

const DIRECT = 'lastgood, direct';
const PUBLISHED = 'lastgood, published on tmpfs';
const ON_DISK = 'lastgood, published on disk';

/** The steps that come before the request, by lastgood's own log. */
const STEPS_BEFORE = ['capture', 'validate', 'publish'] as const;
const STEPS_AFTER = ['deliver', 'commit'] as const;

/** What one contender has taken. */
export interface Result {
  readonly contender: Contender;
  readonly tookMs: number[];
  /** Each after a rest of all contenders; not part of `tookMs`. */
  readonly restedMs: number[];
  lost: number;
  cpuMs: number;
}

/** From a swap to the app's request, for all contenders in turn. */
export async function measureLatency(bench: Workbench): Promise<Section> {
  const results = await startAll(bench);
  // Beside the others: it sleeps nearly all the time, and would otherwise take another minute.
  const shell = measureShellLoop(bench);
  shell.catch(() => {});
  const { rounds } = bench.plan.latency;
  for (let round = 0; round < rounds; round += 1) {
    // In another order each time, so that no contender always follows the same one.
    const first = round % results.length;
    for (const result of [...results.slice(first), ...results.slice(0, first)])
      await runBlock(bench, result);
    bench.say(`latency: round ${round + 1} of ${rounds}; p50 so far ${mediansOf(results)}`);
  }
  await runRested(bench, results);
  await Promise.all(results.map(({ contender }) => contender.child.stop()));
  bench.say('latency: waiting for the shell loop');
  return sectionOf(bench, results, await shell);
}

async function startAll(bench: Workbench): Promise<Result[]> {
  bench.say('latency: starting all contenders');
  const setups: Setup[] = [
    { name: DIRECT, mode: 'direct' },
    { name: 'lastgood, direct, no schema', mode: 'direct', isChecked: false },
    { name: PUBLISHED, mode: 'published' },
  ];
  if (bench.hasDisk) setups.push({ name: ON_DISK, mode: 'published', where: 'disk' });
  const contenders: Contender[] = [await startFloor(bench)];
  for (const setup of setups) contenders.push(await startLastgood(bench, setup));
  return contenders.map(newResult);
}

export function newResult(contender: Contender): Result {
  return { contender, tookMs: [], restedMs: [], lost: 0, cpuMs: 0 };
}

/** A round of swaps of one contender. */
export async function runBlock(bench: Workbench, result: Result): Promise<void> {
  const { pid } = result.contender.child;
  const beforeMs = cpuMsOf(pid);
  for (let count = 0; count < bench.plan.latency.swaps; count += 1) {
    await sleep(GAP_MS + (Math.random() * 2 - 1) * JITTER_MS);
    const tookMs = await swapOnce(bench, result);
    if (tookMs !== undefined) result.tookMs.push(tookMs);
  }
  result.cpuMs += cpuMsOf(pid) - beforeMs;
}

async function runRested(bench: Workbench, results: readonly Result[]): Promise<void> {
  const { rests } = bench.plan.latency;
  for (let count = 1; count <= rests; count += 1) {
    bench.say(`latency: rest ${count} of ${rests}`);
    await sleep(bench.plan.restMs);
    for (const result of results) {
      const tookMs = await swapOnce(bench, result);
      if (tookMs !== undefined) result.restedMs.push(tookMs);
    }
  }
}

/** One swap, waited for; with lastgood also until it is committed, so that no two overlap. */
async function swapOnce(bench: Workbench, result: Result): Promise<number | undefined> {
  const { name, volume, endpoint, sidecar } = result.contender;
  const commits = sidecar?.outcomes('committed') ?? 0;
  const swap = await volume.swap();
  const sighting = await endpoint.sighting(swap.generation, DEADLINE_MS);
  if (sighting === undefined) {
    result.lost += 1;
    bench.problems.push(`${name}: no request for generation ${swap.generation}`);
    return undefined;
  }
  await sidecar?.committed(commits + 1, DEADLINE_MS);
  return sighting.atMs - swap.atMs;
}

function mediansOf(results: readonly Result[]): string {
  return results.map(({ tookMs }) => `${cell(median(tookMs))} ms`).join(', ');
}

function sectionOf(bench: Workbench, results: readonly Result[], shell: ShellResult): Section {
  const floor = results[0]?.tookMs ?? [];
  for (const { contender } of results)
    if (contender.endpoint.torn > 0)
      bench.problems.push(`${contender.name}: ${contender.endpoint.torn} torn snapshots`);
  return {
    title: 'From a swap to the request at the app',
    tables: [latencyTable(results, shell, floor), stepTable(results, floor)],
    notes: notesOf(bench, shell),
    targets: targetsOf(results, floor),
  };
}

function latencyTable(results: readonly Result[], shell: ShellResult, floor: number[]): Table {
  const rows = results.map((result) => {
    const { contender, tookMs, restedMs, cpuMs, lost } = result;
    return [
      contender.name,
      String(tookMs.length),
      cell(median(tookMs)),
      cell(percentile(tookMs, 99)),
      cell(largest(tookMs)),
      cell(tookMs[0] ?? Number.NaN),
      cell(median(restedMs)),
      tookMs === floor ? '–' : `+${cell(median(tookMs) - median(floor))}`,
      tookMs === floor ? '–' : `× ${cell(median(tookMs) / median(floor), 1)}`,
      cell((cpuMs / tookMs.length) * 1_000, 0),
      String(lost),
    ];
  });
  const times = shell.tookMs;
  const overFloor = median(times) - median(floor);
  const ratio = `× ${cell(median(times) / median(floor), 0)}`;
  const numbers = [cell(median(times)), '–', cell(largest(times)), '–', '–'];
  rows.push([
    shell.name,
    String(times.length),
    ...numbers,
    `+${cell(overFloor)}`,
    ratio,
    '–',
    String(shell.lost),
  ]);
  return {
    columns: [
      'contender',
      'swaps',
      'p50 ms',
      'p99 ms',
      'max ms',
      'first ms',
      'rested p50 ms',
      'p50 over floor, ms',
      'p50 / floor',
      'CPU ms per 1,000',
      'lost',
    ],
    rows,
  };
}

/** Where the time goes, by lastgood's own log. */
function stepTable(results: readonly Result[], floor: readonly number[]): Table {
  const rows = results.flatMap(({ contender, tookMs }) => {
    const { sidecar, name } = contender;
    if (sidecar === undefined) return [];
    const p50 = (step: string) => median(sidecar.tookMs(step));
    const before = STEPS_BEFORE.map(p50);
    const known = before.filter(Number.isFinite).reduce((sum, each) => sum + each, 0);
    const rest = median(tookMs) - median(floor) - known;
    return [[name, ...[...before, rest, ...STEPS_AFTER.map(p50)].map((each) => cell(each))]];
  });
  return {
    columns: ['p50 of each step, ms', ...STEPS_BEFORE, 'rest before the request', ...STEPS_AFTER],
    rows,
  };
}

function targetsOf(results: readonly Result[], floor: readonly number[]): Target[] {
  const timesOf = (name: string) =>
    results.find(({ contender }) => contender.name === name)?.tookMs ?? [];
  const directP99 = percentile(timesOf(DIRECT), 99);
  const overFloor = (name: string, aimMs: number): Target => {
    const over = median(timesOf(name)) - median(floor);
    const measured = `+${cell(over)} ms`;
    return {
      what: `${name}: p50 over the floor`,
      aim: `≤ ${aimMs} ms`,
      measured,
      isMet: over <= aimMs,
    };
  };
  return [
    overFloor(DIRECT, 2),
    {
      what: `${DIRECT}: p99`,
      aim: '≤ 15 ms',
      measured: `${cell(directP99)} ms`,
      isMet: directP99 <= 15,
    },
    overFloor(PUBLISHED, 3),
  ];
}

function notesOf(bench: Workbench, shell: ShellResult): string[] {
  const { rounds, swaps, rests } = bench.plan.latency;
  return [
    'The clock starts just before the rename of `..data` and stops when the request reaches the app, both in the process of the bench, for every contender alike. What the kubelet does before the rename is not counted; what it does after it is.',
    'The floor is a Node process with a bare `fs.watch` on the root of the volume and one POST over a kept-alive connection. It reads, checks and remembers nothing.',
    'lastgood runs as a separate process with the flags of its first line. Each swap brings a `config.yaml` of 10 KB, checked against a JSON Schema, and a `features.yaml` of 0.7 KB, checked for its format; "no schema" has no `validate` in its settings, which still checks that both can be parsed. The volume is on tmpfs; "on disk" has the published directory and the state on a disk, with real `fsync`s.',
    `The contenders take turns: ${rounds} rounds of ${swaps} swaps each, in another order each round. The next swap comes ${GAP_MS} ± ${JITTER_MS} ms after the rollout before has been committed.`,
    `"first" is the first swap after the start, when no code is warm; it is in the percentiles. "rested" are ${rests} more swaps that are not, each after ${bench.plan.restMs / 1_000} s in which nothing happened: what a change costs that comes once a day. lastgood has then given back what memory it could, and with it its warm code.`,
    `The shell loop checks every 10 s, so it gets ${shell.tookMs.length + shell.lost} swaps, spread evenly over its period, while the others run.`,
    'The steps are as lastgood times them itself. The rest is the journal, the watch, the state machine, the log lines and the request. The app does not wait for the steps after the request.',
    'CPU is that of the process (user and system, all its threads), for 1,000 swaps.',
  ];
}
