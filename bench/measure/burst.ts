import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../app.ts';
import { type Contender, type Setup, startLastgood } from '../contender.ts';
import type { Swap } from '../contents/volume.ts';
import { cpuMsOf } from '../process-facts.ts';
import { cell, type Section, type Target } from '../section.ts';
import type { Workbench } from '../workbench.ts';

const DEADLINE_MS = 15_000;
const POLL_MS = 20;

const SETUPS: readonly Setup[] = [
  { name: 'lastgood, published on tmpfs', mode: 'published' },
  { name: 'lastgood, direct', mode: 'direct' },
];

interface Result {
  readonly name: string;
  readonly row: readonly string[];
  readonly isWhole: boolean;
}

/** Far more swaps than there can be rollouts: what is coalesced, and whether the last one arrives. */
export async function measureBurst(bench: Workbench): Promise<Section> {
  const setups = bench.hasDisk
    ? [
        ...SETUPS,
        { name: 'lastgood, published on disk', mode: 'published', where: 'disk' } as const,
      ]
    : SETUPS;
  const results: Result[] = [];
  for (const setup of setups) results.push(await burstOn(bench, setup));
  const { swaps, gapMs } = bench.plan.burst;
  return {
    title: `Burst: ${swaps.toLocaleString('en')} swaps, ${gapMs} ms apart`,
    tables: [
      {
        columns: [
          'contender',
          'gap ms',
          'requests',
          'committed',
          'superseded',
          'torn',
          'last content',
          'after the last swap, ms',
          'CPU ms',
        ],
        rows: results.map(({ row }) => row),
      },
    ],
    notes: [
      'Every content is two files with one generation. At each request, and before it answers, the app reads both by their plain paths and compares; "torn" counts two generations or a missing file. In direct mode the app reads the volume itself, so it is the kubelet that keeps it whole.',
      '"last content" is delivered when the app finds it upon a request that names the version which `/status` then shows as desired and active; the time is from the last swap to that request.',
      '"gap" is what the stand-in kept on the mean. "superseded" rollouts had been begun when a newer content came; all other swaps in between were never begun.',
    ],
    targets: results.map(targetOf),
  };
}

function targetOf({ name, row, isWhole }: Result): Target {
  const measured = `${row[5]} torn, last content ${row[6]}`;
  return { what: `burst, ${name}`, aim: 'none torn, last one delivered', measured, isMet: isWhole };
}

async function burstOn(bench: Workbench, setup: Setup): Promise<Result> {
  const contender = await startLastgood(bench, setup);
  const { endpoint, sidecar, child, name } = contender;
  const beforeMs = cpuMsOf(child.pid);
  const { last, gapMs } = await swapAll(bench, contender);
  const tookMs = await lastDelivered(contender, last);
  const cpuMs = cpuMsOf(child.pid) - beforeMs;
  await child.stop();
  if (tookMs === undefined) bench.problems.push(`burst, ${name}: the last content never arrived`);
  if (endpoint.torn > 0) bench.problems.push(`burst, ${name}: ${endpoint.torn} torn snapshots`);
  const isWhole = tookMs !== undefined && endpoint.torn === 0;
  const row = [
    name,
    cell(gapMs),
    String(endpoint.requests),
    String(sidecar.outcomes('committed')),
    String(sidecar.outcomes('superseded')),
    String(endpoint.torn),
    tookMs === undefined ? 'LOST' : 'delivered',
    cell(tookMs ?? Number.NaN, 1),
    cell(cpuMs, 0),
  ];
  bench.say(`burst: ${name}: ${row.slice(1).join(', ')}`);
  return { name, row, isWhole };
}

/** On a timetable, so that a late swap does not delay those that follow. */
async function swapAll(
  bench: Workbench,
  { volume, name }: Contender,
): Promise<{ last: Swap; gapMs: number }> {
  const { swaps, gapMs } = bench.plan.burst;
  bench.say(`burst: ${swaps} swaps for ${name}`);
  const startMs = performance.now();
  let last = await volume.swap();
  for (let count = 1; count < swaps; count += 1) {
    // At least a turn of the event loop, in which the app can answer.
    await sleep(Math.max(0, startMs + count * gapMs - performance.now()));
    last = await volume.swap();
  }
  return { last, gapMs: (last.atMs - startMs) / (swaps - 1) };
}

/** The time from the last swap to its request; undefined when it does not come. */
async function lastDelivered(
  { endpoint, sidecar }: Required<Contender>,
  last: Swap,
): Promise<number | undefined> {
  if ((await endpoint.sighting(last.generation, DEADLINE_MS)) === undefined) return undefined;
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (performance.now() < deadlineMs) {
    const { phase, active, desired } = await sidecar.bundle();
    if (phase === 'steady' && active === desired && isOf(endpoint, active, last))
      return (endpoint.last?.atMs ?? Number.NaN) - last.atMs;
    await sleep(POLL_MS);
  }
  return undefined;
}

function isOf({ last }: Endpoint, version: string | null, swap: Swap): boolean {
  const isNewest = typeof last?.seen === 'object' && last.seen.generation === swap.generation;
  return isNewest && last.version === version;
}
