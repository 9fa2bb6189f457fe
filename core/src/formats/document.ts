import type { Issue } from '../model/issue.ts';
import type { Document, Parsed } from './format.ts';
import { createLines } from './lines.ts';
import { offsetOf, type SourceNode } from './source-node.ts';
import { findConflictMarker, hintFor } from './syntax-hints.ts';

/** In a file of another format, each line is wrong. More issues than are shown, but bounded. */
const MAX_ISSUES = 1000;

/** A text that is accepted, of one document. `readPositions` is called for the first position only. */
export function accepted(text: string, value: unknown, readPositions: () => SourceNode): Parsed {
  let root: SourceNode | undefined;
  const positionOf = createLines(text);
  const document = {
    value,
    locate: (pointer, part) => {
      root ??= readPositions();
      return positionOf(offsetOf(root, pointer, part));
    },
  } satisfies Document;
  return { ok: true, documents: [document] };
}

/** A text that is refused: each issue with its most likely cause. */
export function refused(text: string, issues: readonly Issue[]): Parsed {
  const conflict = findConflictMarker(text);
  const found = conflict === undefined ? issues.slice(0, MAX_ISSUES) : [conflict];
  return { ok: false, issues: dedupeErrors(text, found).map((issue) => withHint(text, issue)) };
}

/** A text without any value of its format. */
export function refusedAsEmpty(formatName: string): Parsed {
  return { ok: false, issues: [{ code: 'LG_VALIDATE_EMPTY', args: [formatName], at: 0 }] };
}

function withHint(text: string, issue: Issue): Issue {
  const hint = issue.code === 'LG_VALIDATE_SYNTAX' ? hintFor(text, issue.at) : '';
  return hint === '' ? issue : { ...issue, args: [`${issue.args[0]}${hint}`] };
}

/** After a syntax error, the parser mostly stumbles over the rest of the same line. */
function dedupeErrors(text: string, issues: readonly Issue[]): readonly Issue[] {
  const positionOf = createLines(text);
  const lines = new Set<number>();
  return issues.filter(({ code, at }) => {
    if (code !== 'LG_VALIDATE_SYNTAX') return true;
    const { line } = positionOf(at);
    const isFirst = !lines.has(line);
    lines.add(line);
    return isFirst;
  });
}
