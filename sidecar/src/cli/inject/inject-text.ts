import { findingOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { planDropIn } from './drop-in.ts';
import type { Injected } from './injected.ts';
import type { InjectOptions } from './options.ts';
import { type Plan, type Planned, planSidecar } from './plan.ts';
import { configVolumesOf } from './pod.ts';
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
  const before = uninjectText(file, original, options.workload);
  if (before.findings.length > 0) return before;
  const stream = streamOf(before.text);
  const findings: Finding[] = [];
  const skipped: Finding[] = [];
  const plans = new Map<number, Plan>();
  // All are planned first: the places of problems are those of the text before.
  stream.workloads.forEach((placed, index) => {
    if (!isWanted(placed, options)) return;
    const planned = planWorkload(placed, options);
    if ('changes' in planned) plans.set(index, planned);
    else {
      const found = planned.problems.map((each) => locateProblem(file, stream, placed, each));
      (isNothing(planned.problems) ? skipped : findings).push(...found);
    }
  });
  let { text } = before;
  for (const [index, plan] of plans) {
    const current = streamOf(text);
    const next = writePlan(current, current.workloads[index] as PlacedWorkload, plan, options);
    if (typeof next === 'string') text = next;
    else
      findings.push(locateProblem(file, stream, stream.workloads[index] as PlacedWorkload, next));
  }
  const nothing = skipped.length > 0 ? skipped : [findingOf('LG_INJECT_NOTHING', [], { file })];
  return {
    text,
    findings,
    notes: [...plans.values()].flatMap((plan) => plan.notes),
    idle: plans.size === 0 ? nothing : [],
    unused: unusedFlags(stream, options),
  };
}

function planWorkload({ workload }: PlacedWorkload, options: InjectOptions): Planned {
  return options.mode === 'drop-in'
    ? planDropIn(workload, options)
    : planSidecar(workload, options);
}

function isWanted({ workload }: PlacedWorkload, { workload: names }: InjectOptions): boolean {
  return names.length === 0 || names.includes(workload.name);
}

/** Names of workloads and volumes that are not in the stream, as their flags. */
function unusedFlags({ workloads }: Stream, options: InjectOptions): readonly string[] {
  const wanted = workloads.filter((each) => isWanted(each, options));
  const volumes = wanted.flatMap(({ workload }) => configVolumesOf(workload));
  const isUnknown = (found: readonly { readonly name: string }[]) => (name: string) =>
    !found.some((each) => each.name === name);
  const named = wanted.map(({ workload }) => workload);
  return [
    ...options.workload.filter(isUnknown(named)).map((name) => `--workload ${name}`),
    ...options.volume.filter(isUnknown(volumes)).map((name) => `--volume ${name}`),
  ];
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
