import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AtomicWriter } from '../../../test/kubelet/atomic-writer.ts';
import type { ContainerLimits } from '../../container-limits.ts';
import { REGISTRY_FILE, REGISTRY_SCHEMA, registryOf } from '../../contents/registry.ts';
import { REGISTRY_RULES } from '../../contents/rules.ts';
import { memoryOf } from '../../process-facts.ts';
import { cell, type Section } from '../../section.ts';
import type { Sidecar } from '../../sidecar.ts';
import type { Workbench } from '../../workbench.ts';

const LIMIT_MIB = 64;
const WITHIN_MS = 120_000;

/** Of the file, after the start; then the last good one and the history lie beside it. */
const CHANGES = 3;
const LOOK_EVERY_MS = 2;

const ROWS: readonly (readonly [what: string, checks: object])[] = [
  ['200 rules of a schema', {}],
  ['200 rules of a schema, 5 rules in CEL', { rules: REGISTRY_RULES.map((rule) => ({ rule })) }],
];

/** What was seen while the sidecar started on a file of 1 MiB, and took its changes. */
interface Peak {
  readonly what: string;
  readonly outcome: string;
  readonly rssMib: number;
  readonly anonMib: number;
}

/** The most memory that the built sidecar takes to check 1 MiB. */
export async function measurePeak(bench: Workbench): Promise<Omit<Section, 'title'>> {
  const peaks: Peak[] = [];
  let isLimited = true;
  for (const [what, more] of ROWS) {
    // What a process leaves on a tmpfs stays counted, so each process gets a separate limit.
    const limit = bench.containerLimits(LIMIT_MIB);
    isLimited &&= limit !== undefined;
    peaks.push(await peakOf(bench, { what, more, limit }));
    limit?.remove();
  }
  const where = isLimited ? `in ${LIMIT_MIB} MiB` : 'with no limit set';
  return {
    tables: [
      {
        columns: [`1 MiB of YAML, ${where}`, 'outcome', 'RSS MiB, peak', 'anonymous MiB, peak'],
        rows: peaks.map(({ what, outcome, rssMib, anonMib }) => [
          what,
          outcome,
          cell(rssMib, 1),
          cell(anonMib, 1),
        ]),
      },
    ],
    notes: [notesOf(isLimited)],
    targets: peaks.map(({ what, outcome, anonMib }) => ({
      what: `1 MiB, ${what}: checked ${where}, anonymous memory`,
      aim: `accepted, ≤ ${LIMIT_MIB} MiB`,
      measured: `${outcome}, ${cell(anonMib, 1)} MiB`,
      isMet: outcome === COMMITTED && anonMib <= LIMIT_MIB,
    })),
  };
}

interface PeakOptions {
  readonly what: string;
  /** Beside the schema. */
  readonly more: object;
  readonly limit: ContainerLimits | undefined;
}

async function peakOf(bench: Workbench, { what, more, limit }: PeakOptions): Promise<Peak> {
  const dir = bench.directory('peak', bench.hasDisk ? 'disk' : 'memory');
  const volume = bench.directory('peak-volume');
  const schema = join(dir, 'registry.schema.json');
  const writer = new AtomicWriter(volume);
  const write = async (generation: number) => {
    await writer.write({ [REGISTRY_FILE]: { bytes: registryOf(2 ** 20, generation) } });
  };
  await write(0);
  writeFileSync(schema, JSON.stringify(REGISTRY_SCHEMA));
  const { url } = bench.app.endpoint('peak', volume);
  const checks = [{ files: REGISTRY_FILE, schema, ...more }];
  const options = { volume, dir, url, mode: 'published', isChecked: true, checks } as const;
  const sidecar = await bench.sidecar(options, undefined, limit);
  const peak = { what, ...(await seenUntilJudged(sidecar, write)) };
  await sidecar.stop();
  bench.say(`checks: 1 MiB, ${what}: ${peak.outcome}, ${cell(peak.anonMib, 1)} MiB anonymous`);
  return peak;
}

/** The kernel keeps the peak of RSS. The bench samples anonymous memory to find its peak. */
async function seenUntilJudged(
  sidecar: Sidecar,
  write: (generation: number) => Promise<void>,
): Promise<Omit<Peak, 'what'>> {
  const { child } = sidecar;
  let anonMib = 0;
  const look = setInterval(() => {
    if (!child.hasEnded) anonMib = Math.max(anonMib, memoryOf(child.pid).anonMib || 0);
  }, LOOK_EVERY_MS);
  const judged = () => sidecar.outcomes('committed') + sidecar.outcomes('rejected');
  try {
    for (let generation = 0; generation <= CHANGES; generation += 1) {
      if (generation > 0) await write(generation);
      const found = () => (judged() > generation ? true : undefined);
      await child.until(`verdict number ${generation + 1}`, found, WITHIN_MS);
    }
    const rejected = sidecar.outcomes('rejected');
    const outcome = rejected === 0 ? COMMITTED : `${rejected} of ${CHANGES + 1} rejected`;
    return { outcome, rssMib: memoryOf(child.pid).peakMib, anonMib };
  } finally {
    clearInterval(look);
  }
}

const COMMITTED = 'committed';

function notesOf(isLimited: boolean): string {
  const how = !isLimited
    ? 'This machine lets no limit be set, so the thread of the check had the largest heap, as in a large container'
    : `The process runs under a limit of ${LIMIT_MIB} MiB (memory controller of cgroups, version 1), as in a container: the kernel ends what goes beyond, and takes back pages of program files before that. Those of Node that were in memory already are counted elsewhere`;
  return `Peak memory is that of the whole sidecar, run as its first line says, from its start to the verdict on the last of ${CHANGES} changes of the file; what it publishes and keeps lies on a disk. ${how}. RSS is VmHWM; the bench samples anonymous memory every ${LOOK_EVERY_MS} ms.`;
}
