import { findingOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { planDropIn } from './drop-in.ts';
import type { Injected } from './injected.ts';
import type { InjectOptions } from './options.ts';
import { planSidecar } from './plan.ts';
import type { Problem } from './problem.ts';
import { locateProblem, type PlacedWorkload, readStream, type Stream } from './stream.ts';
import { uninjectText } from './uninject-text.ts';
import { writePlan } from './write-plan.ts';

/**
 * Adds lastgood to each workload of a stream with a volume that is configuration. First takes out what an
 * earlier run wrote, so that a second run changes nothing, and a newer version writes its own.
 *
 * @param file - the name in locations
 */
export function injectText(file: string, original: string, options: InjectOptions): Injected {
  const before = uninjectText(file, original);
  if (before.findings.length > 0) return before;
  let { text } = before;
  const notes: string[] = [];
  const skipped: Finding[] = [];
  const findings: Finding[] = [];
  let injected = 0;
  const count = streamOf(text).workloads.length;
  for (let index = 0; index < count; index++) {
    const stream = streamOf(text);
    const placed = stream.workloads[index] as PlacedWorkload;
    const { workload } = placed;
    if (options.workload.length > 0 && !options.workload.includes(workload.name)) continue;
    const planned =
      options.mode === 'drop-in' ? planDropIn(workload, options) : planSidecar(workload, options);
    if ('problems' in planned) {
      const found = planned.problems.map((each) => locateProblem(file, stream, placed, each));
      (isNothing(planned.problems) ? skipped : findings).push(...found);
      continue;
    }
    const next = writePlan(stream, placed, planned, options);
    if (typeof next !== 'string') findings.push(locateProblem(file, stream, placed, next));
    else {
      text = next;
      notes.push(...planned.notes);
      injected += 1;
    }
  }
  if (injected === 0 && findings.length === 0)
    findings.push(
      ...skipped,
      ...(skipped.length === 0 ? [findingOf('LG_INJECT_NOTHING', [], { file })] : []),
    );
  return { text, findings, notes };
}

/** Of several workloads, those without configuration stay as they are. */
const NOTHING: readonly ErrorCode[] = [
  'LG_INJECT_NO_VOLUME',
  'LG_INJECT_SUB_PATH',
  'LG_INJECT_DROP_IN',
];

function isNothing(problems: readonly Problem[]): boolean {
  return problems.every(({ code }) => NOTHING.includes(code));
}

/** A text that was read before. */
function streamOf(text: string): Stream {
  const stream = readStream(text);
  if ('findings' in stream) throw new Error('an injected stream cannot be read');
  return stream;
}
