import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REGISTRY_FILE, REGISTRY_SCHEMA, registryOf } from '../../contents/registry.ts';
import { REGISTRY_RULES } from '../../contents/rules.ts';
import type { MemoryLimit } from '../../memory-limit.ts';
import { memoryOf } from '../../process-facts.ts';
import { cell, type Section } from '../../section.ts';
import type { Sidecar } from '../../sidecar.ts';
import type { Workbench } from '../../workbench.ts';

const LIMIT_MIB = 64;
const WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 2;

const ROWS: readonly (readonly [what: string, checks: object])[] = [
  ['200 rules of a schema', {}],
  ['200 rules of a schema, 5 rules in CEL', { rules: REGISTRY_RULES.map((rule) => ({ rule })) }],
];

/** What was seen while the sidecar started on a file of 1 MiB. */
interface Peak {
  readonly what: string;
  readonly outcome: 'committed' | 'rejected';
  readonly rssMib: number;
  readonly anonMib: number;
}

/** The most memory that the built sidecar takes to check 1 MiB. */
export async function measurePeak(bench: Workbench): Promise<Omit<Section, 'title'>> {
  const limit = bench.memoryLimit(LIMIT_MIB);
  const peaks: Peak[] = [];
  for (const [what, more] of ROWS) peaks.push(await peakOf(bench, { what, more, limit }));
  limit?.remove();
  const where = limit === undefined ? 'with no limit set' : `in ${LIMIT_MIB} MiB`;
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
    notes: [notesOf(limit)],
    targets: peaks.map(({ what, outcome, anonMib }) => ({
      what: `1 MiB, ${what}: checked ${where}, anonymous memory`,
      aim: `accepted, ≤ ${LIMIT_MIB} MiB`,
      measured: `${outcome}, ${cell(anonMib, 1)} MiB`,
      isMet: outcome === 'committed' && anonMib <= LIMIT_MIB,
    })),
  };
}

interface PeakOptions {
  readonly what: string;
  /** Beside the schema. */
  readonly more: object;
  readonly limit: MemoryLimit | undefined;
}

async function peakOf(bench: Workbench, { what, more, limit }: PeakOptions): Promise<Peak> {
  const dir = bench.directory('peak');
  const volume = bench.directory('peak-volume');
  const schema = join(dir, 'registry.schema.json');
  writeFileSync(join(volume, REGISTRY_FILE), registryOf(2 ** 20, 1));
  writeFileSync(schema, JSON.stringify(REGISTRY_SCHEMA));
  const { url } = bench.app.endpoint('peak', volume);
  const checks = [{ files: REGISTRY_FILE, schema, ...more }];
  const options = { volume, dir, url, mode: 'published', isChecked: true, checks } as const;
  const sidecar = await bench.sidecar(options, undefined, limit);
  const peak = { what, ...(await seenUntilJudged(sidecar)) };
  await sidecar.stop();
  bench.say(`checks: 1 MiB, ${what}: ${peak.outcome}, ${cell(peak.anonMib, 1)} MiB anonymous`);
  return peak;
}

/** The kernel keeps the peak of RSS; that of anonymous memory has to be looked for. */
async function seenUntilJudged(sidecar: Sidecar): Promise<Omit<Peak, 'what'>> {
  const { child } = sidecar;
  const outcomes = ['committed', 'rejected'] as const;
  let anonMib = 0;
  const look = setInterval(() => {
    if (!child.hasEnded) anonMib = Math.max(anonMib, memoryOf(child.pid).anonMib || 0);
  }, LOOK_EVERY_MS);
  try {
    const found = () => outcomes.find((each) => sidecar.outcomes(each) > 0);
    const outcome = await child.until('verdict', found, WITHIN_MS);
    return { outcome, rssMib: memoryOf(child.pid).peakMib, anonMib };
  } finally {
    clearInterval(look);
  }
}

function notesOf(limit: MemoryLimit | undefined): string {
  const how =
    limit === undefined
      ? 'This machine lets no limit be set, so the thread of the check had the largest heap, as in a large container'
      : `The process stands under a limit of ${LIMIT_MIB} MiB (memory controller of cgroups, version 1), as in a container: the kernel ends what goes beyond, and takes back pages of program files before that. Those of Node that were in memory already are counted elsewhere`;
  return `Peak memory is that of the whole sidecar, run as its first line says, from its start to the verdict on 1 MiB. ${how}. RSS is VmHWM; anonymous memory is looked at every ${LOOK_EVERY_MS} ms.`;
}
