import type { Document, Parsed, Problem, SyntaxIssue } from './format.ts';
import { createLines } from './lines.ts';
import { offsetOf, type SourceNode } from './source-node.ts';
import { findConflictMarker, hintFor } from './syntax-hints.ts';

/** Of a file of another format, each line is wrong. More than are shown, and no more than that. */
const MAX_PROBLEMS = 1000;

/**
 * A value of a text. Its places are looked for when one of them is first asked for.
 *
 * @param positionOf - shared by the documents of a text, so that its lines are counted once
 */
export function documentOf(
  text: string,
  value: unknown,
  placesOf: () => SourceNode,
  positionOf = createLines(text),
): Document {
  let places: SourceNode | undefined;
  return {
    value,
    locate: (pointer, part) => {
      places ??= placesOf();
      return positionOf(offsetOf(places, pointer, part));
    },
  };
}

/** A text that is accepted, of one document. */
export function accepted(text: string, value: unknown, placesOf: () => SourceNode): Parsed {
  return { ok: true, documents: [documentOf(text, value, placesOf)] };
}

/** A text that is refused: with what is wrong, and what most likely led to it. */
export function refused(text: string, complaints: readonly SyntaxIssue[]): Parsed {
  const conflict = findConflictMarker(text);
  const positionOf = createLines(text);
  const told = conflict === undefined ? complaints.slice(0, MAX_PROBLEMS) : [conflict];
  const problems = told.map(({ offset, ...rest }): Problem => {
    const advice = rest.code === 'LG_VALIDATE_SYNTAX' ? hintFor(text, offset) : '';
    return { ...rest, args: advised(rest.args, advice), ...positionOf(offset) };
  });
  return { ok: false, problems: dedupeErrors(problems) };
}

/** A text without any value of its format. */
export function refusedAsEmpty(formatName: string): Parsed {
  const problem = { code: 'LG_VALIDATE_EMPTY', args: [formatName], line: 1, column: 1 } as const;
  return { ok: false, problems: [problem] };
}

function advised(args: readonly unknown[], advice: string): readonly unknown[] {
  return advice === '' ? args : [`${args[0]}${advice}`];
}

/** What follows a syntax error on its line is mostly how the parser stumbles on from there. */
function dedupeErrors(problems: readonly Problem[]): readonly Problem[] {
  const lines = new Set<number>();
  return problems.filter(({ code, line }) => {
    if (code !== 'LG_VALIDATE_SYNTAX') return true;
    const isFirst = !lines.has(line);
    lines.add(line);
    return isFirst;
  });
}
