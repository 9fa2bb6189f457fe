import type { Injected } from './injected.ts';
import type { EditedParts } from './kept-edits.ts';
import type { Problem } from './problem.ts';
import {
  annotationOf,
  locateProblem,
  type PlacedWorkload,
  readStream,
  type Stream,
} from './stream.ts';
import { takeOut, withoutEdits } from './take-out.ts';
import { INJECTED } from './undo.ts';

export interface Uninjected extends Injected {
  /** What persons had edited of what inject wrote, by the index of the workload. */
  readonly edited: ReadonlyMap<number, EditedParts>;
  /** The text, unless there are findings. */
  readonly stream?: Stream;
}

/**
 * Takes lastgood out of each workload of a stream: its bytes are those from before.
 *
 * @param file - the name in locations
 * @param names - the workloads; by default all
 */
export function uninjectText(
  file: string,
  original: string,
  names: readonly string[] = [],
): Uninjected {
  const refuse = (findings: Injected['findings']): Uninjected => ({
    text: original,
    findings,
    notes: [],
    edited: new Map(),
  });
  const stream = readStream(original);
  if ('findings' in stream) return refuse(stream.findings(file));
  const isWanted = ({ workload }: PlacedWorkload) =>
    isInjected(workload) && (names.length === 0 || names.includes(workload.name));
  const wanted = stream.workloads.filter(isWanted);
  if (wanted.length === 0) return { ...refuse([]), stream };
  const refuseThose = (those: readonly PlacedWorkload[]) =>
    refuse(those.map((placed) => locateProblem(file, stream, placed, changedSince(placed))));
  const taken = wanted.map((placed) => takeOut(stream, placed));
  if (!taken.every((each) => each !== undefined))
    return refuseThose(wanted.filter((_, index) => taken[index] === undefined));
  const text = withoutEdits(
    original,
    taken.flatMap(({ edits }) => edits),
  );
  const rest = text === undefined ? undefined : readStream(text);
  if (rest === undefined || 'findings' in rest || rest.workloads.some(isWanted))
    return refuseThose(wanted);
  const edited = new Map<number, EditedParts>();
  const notes: string[] = [];
  taken.forEach((each, index) => {
    const placed = wanted[index] as PlacedWorkload;
    if (each.edited.size === 0) return;
    edited.set(stream.workloads.indexOf(placed), each.edited);
    notes.push(noteOnLostEdits(placed.workload.shownName, [...each.edited.keys()]));
  });
  return { text: rest.text, findings: [], notes, edited, stream: rest };
}

function isInjected(workload: PlacedWorkload['workload']): boolean {
  return annotationOf(workload, INJECTED) !== undefined;
}

function changedSince({ workload: { shownName } }: PlacedWorkload): Problem {
  const pointer = ['metadata', 'annotations', INJECTED];
  return { code: 'LG_INJECT_UNDO', args: [shownName], pointer };
}

export function noteOnLostEdits(shownName: string, parts: readonly string[]): string {
  return `${shownName}: what was edited since inject is taken out too: ${parts.join(', ')}`;
}
