import type { Injected } from './injected.ts';
import type { Problem } from './problem.ts';
import { annotationOf, locateProblem, readStream } from './stream.ts';
import { INJECTED, UNDO, undoEdits } from './undo.ts';

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
): Injected {
  let text = original;
  for (;;) {
    const stream = readStream(text);
    if ('findings' in stream) return { text, findings: stream.findings(file), notes: [] };
    // The last one was injected last.
    const placed = stream.workloads.findLast(
      ({ workload }) =>
        annotationOf(workload, INJECTED) !== undefined &&
        (names.length === 0 || names.includes(workload.name)),
    );
    if (placed === undefined) return { text, findings: [], notes: [] };
    const { workload } = placed;
    const undo = annotationOf(workload, UNDO) ?? '';
    const before = undoEdits(text, undo);
    if (before === undefined) {
      const pointer = ['metadata', 'annotations', INJECTED];
      const problem: Problem = { code: 'LG_INJECT_UNDO', args: [workload.shownName], pointer };
      return {
        text: original,
        findings: [locateProblem(file, stream, placed, problem)],
        notes: [],
      };
    }
    text = before;
  }
}
