import { join } from 'node:path';
import { bundle } from '../../sidecar/build/bundle.ts';
import type { Section } from '../section.ts';
import type { Workbench } from '../workbench.ts';
import { measureLargeFile } from './checks/large-file.ts';
import { measureParts } from './checks/parts.ts';
import { measurePeak } from './checks/peak.ts';
import { measureTypicalFile } from './checks/typical-file.ts';

/** Time and memory of the checks: of one large file, of a usual one, and when nothing happens. */
export async function measureChecks(bench: Workbench): Promise<Section> {
  const program = join(bench.directory('checks'), 'checks.mjs');
  await bundle(join(import.meta.dirname, '../contenders/checks/main.ts'), { outfile: program });
  const parts = [
    await measureLargeFile(bench, program),
    await measureTypicalFile(bench, program),
    await measurePeak(bench),
    await measureParts(bench),
  ];
  return {
    title: 'What the checks cost',
    tables: parts.flatMap(({ tables }) => tables),
    notes: parts.flatMap(({ notes }) => notes),
    targets: parts.flatMap(({ targets }) => targets),
  };
}
