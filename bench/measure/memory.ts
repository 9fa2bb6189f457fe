import { setTimeout as sleep } from 'node:timers/promises';
import { startBareServer } from '../bare-server.ts';
import { type Contender, startLastgood } from '../contender.ts';
import { cpuMsOf, type Memory, memoryOf } from '../process-facts.ts';
import { cell, type Section, type Table, type Target } from '../section.ts';
import type { Workbench } from '../workbench.ts';

const DEADLINE_MS = 10_000;
const AIM_MB = 32;
const AIM_MIB = (AIM_MB * 1e6) / 2 ** 20;
/** How much a heap may vary between two measurements without having grown. */
const BREATH_MIB = 1;

/** One row: right after so many rollouts, and once it has had some rest. */
interface Look {
  readonly rollouts: number;
  readonly busy: Memory;
  readonly atRest: Memory;
}

/** Memory of a sidecar that has rolled out much, and the CPU time that this takes. */
export async function measureMemory(bench: Workbench): Promise<Section> {
  const setup = { name: 'memory', mode: 'published', isConfirmed: true } as const;
  const bare = await memoryOfBareServer(bench);
  const contender = await startLastgood(bench, setup);
  const { child, endpoint, sidecar } = contender;
  const looks: Look[] = [];
  let cpuMs = 0;
  let busyMs = 0;
  for (const mark of bench.plan.memory.marks) {
    const [cpuBeforeMs, beforeMs] = [cpuMsOf(child.pid), performance.now()];
    while (endpoint.requests < mark) await rollOut(contender);
    busyMs += performance.now() - beforeMs;
    cpuMs += cpuMsOf(child.pid) - cpuBeforeMs;
    looks.push(await lookAt(bench, child.pid, mark));
  }
  if (endpoint.torn > 0) bench.problems.push(`memory: ${endpoint.torn} torn snapshots`);
  const { peakMib } = memoryOf(child.pid);
  await child.stop();
  const rollouts = endpoint.requests;
  const pace = [
    `${sidecar.outcomes('committed') - 1} rollouts were committed after that of the start`,
    `${cell((rollouts / busyMs) * 1_000, 0)} a second while it was busy`,
    `for ${cell((cpuMs / rollouts) * 1_000, 0)} ms of CPU time per 1,000`,
    `at most ${cell(peakMib, 0)} MiB RSS at any moment`,
  ].join(', ');
  return {
    title: `Memory and CPU time over ${rollouts.toLocaleString('en')} rollouts`,
    tables: [tableOf(looks, bare)],
    notes: [...notesOf(bench), `${pace}.`],
    targets: targetsOf(looks),
  };
}

/** One swap, until it is committed. */
export async function rollOut({ volume, sidecar }: Required<Contender>): Promise<void> {
  const commits = sidecar.outcomes('committed');
  await volume.swap();
  await sidecar.committed(commits + 1, DEADLINE_MS);
}

async function lookAt(bench: Workbench, pid: number, rollouts: number): Promise<Look> {
  const busy = memoryOf(pid);
  await sleep(bench.plan.restMs);
  const atRest = memoryOf(pid);
  bench.say(
    `memory: ${rollouts} rollouts: ${cell(busy.anonMib, 1)} MiB anonymous, ${cell(atRest.anonMib, 1)} MiB at rest`,
  );
  return { rollouts, busy, atRest };
}

async function memoryOfBareServer(bench: Workbench): Promise<Memory> {
  const server = startBareServer(bench);
  await server.ready();
  await sleep(bench.plan.restMs);
  const memory = memoryOf(server.child.pid);
  await server.stop();
  return memory;
}

function tableOf(looks: readonly Look[], bare: Memory): Table {
  const first = looks[0]?.atRest.anonMib ?? Number.NaN;
  const rows = looks.map(({ rollouts, busy, atRest }) => [
    `lastgood, ${rollouts.toLocaleString('en')} ${rollouts === 1 ? 'rollout' : 'rollouts'}`,
    cell(busy.anonMib, 1),
    cell(busy.rssMib, 1),
    cell(atRest.anonMib, 1),
    cell(atRest.rssMib, 1),
    `${atRest.anonMib < first ? '' : '+'}${cell(atRest.anonMib - first, 1)}`,
  ]);
  rows.push(['bare server', '–', '–', cell(bare.anonMib, 1), cell(bare.rssMib, 1), '–']);
  return {
    columns: [
      'after',
      'anonymous MiB',
      'RSS MiB',
      'at rest: anonymous MiB',
      'at rest: RSS MiB',
      'more than after the first',
    ],
    rows,
  };
}

function notesOf(bench: Workbench): string[] {
  return [
    'Published mode on tmpfs, with the JSON Schema and a confirmation by health. Every content is another one, and the next one comes when the last one is committed.',
    `Each row has two measurements: right after the last rollout was committed, and after ${bench.plan.restMs / 1_000} s of rest.`,
    'Anonymous memory (RssAnon) is what the process has for itself: heap, code made at run time, stacks. The rest of RSS are pages of the program files, which pods on one node share.',
    'The bare server is `node:http` and nothing else: the part of it that is Node.',
  ];
}

function targetsOf(looks: readonly Look[]): Target[] {
  const [first, warm] = looks;
  const last = looks.at(-1);
  if (!first || !warm || !last) throw new RangeError('too few looks');
  const grown = last.atRest.anonMib - warm.atRest.anonMib;
  return [
    {
      what: 'anonymous memory at rest after the first rollout',
      aim: `≤ ${AIM_MB} MB (${cell(AIM_MIB, 1)} MiB)`,
      measured: `${cell(first.atRest.anonMib, 1)} MiB`,
      isMet: first.atRest.anonMib <= AIM_MIB,
    },
    {
      what: `anonymous memory at rest after ${last.rollouts.toLocaleString('en')} rollouts`,
      aim: `≤ ${AIM_MB} MB (${cell(AIM_MIB, 1)} MiB)`,
      measured: `${cell(last.atRest.anonMib, 1)} MiB`,
      isMet: last.atRest.anonMib <= AIM_MIB,
    },
    {
      what: `growth at rest, from ${warm.rollouts} rollouts (warm) to ${last.rollouts.toLocaleString('en')}`,
      aim: `none (≤ ${BREATH_MIB} MiB)`,
      measured: `${cell(grown, 1)} MiB`,
      isMet: grown <= BREATH_MIB,
    },
  ];
}
