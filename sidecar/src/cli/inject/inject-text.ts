import { findingOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { valueAt } from '@lastgood/core/model/pointer.ts';
import { planDropIn } from './drop-in.ts';
import type { Injected } from './injected.ts';
import { type EditedParts, type Keep, keepEdits } from './kept-edits.ts';
import type { InjectOptions } from './options.ts';
import { ownBundleNames } from './own-settings.ts';
import { CONTAINER } from './parts.ts';
import { type Plan, type Planned, planSidecar } from './plan.ts';
import { configVolumesOf, type Workload } from './pod.ts';
import type { Problem } from './problem.ts';
import { locateProblem, type PlacedWorkload, type Stream } from './stream.ts';
import { noteOnLostEdits, uninjectText } from './uninject-text.ts';
import { type EditedPlan, type PlacedPlan, writePlans } from './write-plan.ts';

/**
 * Adds lastgood to each workload of a stream with a volume that is configuration. First takes out what an
 * earlier run wrote, so that a second run changes nothing, and a newer version writes its own.
 *
 * @param file - the name in locations
 */
export function injectText(file: string, original: string, options: InjectOptions): Injected {
  const before = uninjectText(file, original, options.workload);
  const { stream } = before;
  if (stream === undefined) return before;
  const findings: Finding[] = [];
  const skipped: Finding[] = [];
  const plans: PlacedPlan[] = [];
  const kept: string[] = [];
  // All are planned first: the places of problems are those of the text before.
  stream.workloads.forEach((placed, index) => {
    if (!isWanted(placed, options)) return;
    const edits = before.edited.get(index) ?? new Map();
    const planned = planWithEdits(placed, options, edits, kept);
    if ('plan' in planned) plans.push({ placed, ...planned });
    else {
      const found = planned.problems.map((each) => locateProblem(file, stream, placed, each));
      (isNothing(planned.problems) ? skipped : findings).push(...found);
    }
  });
  const written = writePlans(stream, plans, options);
  if ('problems' in written)
    for (const { placed, problem } of written.problems)
      findings.push(locateProblem(file, stream, placed, problem));
  const nothing = skipped.length > 0 ? skipped : [findingOf('LG_INJECT_NOTHING', [], { file })];
  return {
    text: 'text' in written ? written.text : original,
    findings,
    notes: [...plans.flatMap(({ edited }) => edited.notes), ...kept],
    idle: plans.length === 0 ? nothing : [],
    unused: unusedFlags(stream, options),
  };
}

/** What inject writes now, and the same with what a person has edited since the last time. */
function planWithEdits(
  { workload }: PlacedWorkload,
  options: InjectOptions,
  parts: EditedParts,
  notes: string[],
): EditedPlan | Exclude<Planned, Plan> {
  const plan = planWorkload(workload, options, (_, next) => next);
  if (!('changes' in plan)) return plan;
  if (parts.size === 0) return { plan, edited: plan, parts };
  const kept: string[] = [];
  const edited = planWorkload(workload, options, keepEdits(withOwnImage(parts, options), kept));
  if (!('changes' in edited)) return edited;
  const lost = [...parts.keys()].filter((name) => !plan.parts.includes(name));
  if (lost.length > 0) notes.push(noteOnLostEdits(workload.shownName, lost));
  if (kept.length > 0)
    notes.push(`${workload.shownName}: keeps what was edited since inject: ${kept.join(', ')}`);
  return { plan, edited, parts };
}

/** `--image` is newer than an edit of the image. */
function withOwnImage(parts: EditedParts, { isImageSet }: InjectOptions): EditedParts {
  const container = parts.get(CONTAINER);
  if (isImageSet !== true || container === undefined) return parts;
  const { written, edited } = container;
  const image = valueAt(written, ['image']);
  return new Map([
    ...parts,
    [CONTAINER, { ...container, edited: { ...(edited as object), image } }],
  ]);
}

function planWorkload(workload: Workload, options: InjectOptions, keep: Keep): Planned {
  return options.mode === 'drop-in'
    ? planDropIn(workload, options, keep)
    : planSidecar(workload, options, keep);
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
    ...ownBundleNames(options.settings)
      .filter(isUnknown(volumes))
      .map((name) => `the bundle ${name} of --settings`),
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
