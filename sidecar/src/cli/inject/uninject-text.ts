import type { Injected } from './injected.ts';
import type { EditedParts } from './kept-edits.ts';
import type { Problem } from './problem.ts';
import { annotationOf, locateProblem, readStream, type Stream, workloadKey } from './stream.ts';
import { takeOut } from './take-out.ts';
import { INJECTED } from './undo.ts';

export interface Uninjected extends Injected {
  /** What persons had edited of what inject wrote, by the key of the workload. */
  readonly edited: ReadonlyMap<string, EditedParts>;
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
  const edited = new Map<string, EditedParts>();
  const notes: string[] = [];
  let text = original;
  let before: Stream | undefined;
  for (;;) {
    const stream = readStream(text, before);
    if ('findings' in stream)
      return { text, findings: stream.findings(file), notes: [], edited: new Map() };
    // The last one was injected last.
    const placed = stream.workloads.findLast(
      ({ workload }) =>
        annotationOf(workload, INJECTED) !== undefined &&
        (names.length === 0 || names.includes(workload.name)),
    );
    if (placed === undefined) return { text, findings: [], notes, edited, stream };
    const { shownName } = placed.workload;
    const taken = takeOut(stream, placed);
    if (taken === undefined) {
      const pointer = ['metadata', 'annotations', INJECTED];
      const problem: Problem = { code: 'LG_INJECT_UNDO', args: [shownName], pointer };
      const findings = [locateProblem(file, stream, placed, problem)];
      return { text: original, findings, notes: [], edited: new Map() };
    }
    if (taken.edited.size > 0) {
      edited.set(workloadKey(placed), taken.edited);
      notes.push(noteOnLostEdits(shownName, [...taken.edited.keys()]));
    }
    text = taken.text;
    before = stream;
  }
}

export function noteOnLostEdits(shownName: string, parts: readonly string[]): string {
  return `${shownName}: what was edited since inject is taken out too: ${parts.join(', ')}`;
}
