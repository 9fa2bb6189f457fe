import type { Issue } from '../model/issue.ts';
import type { Document, Parsed } from './format.ts';
import { MISTAKABLE, nameCharacter } from './invisible-characters.ts';
import { createLines } from './lines.ts';
import { offsetOf, type SourceNode } from './source-node.ts';
import { syntaxIssue } from './syntax-issues.ts';

/** In a file of another format, each line is wrong. More issues than are shown, but bounded. */
const MAX_ISSUES = 1000;

/** A text that is accepted, of one document. `readPositions` is called for the first position only. */
export function accepted(text: string, value: unknown, readPositions: () => SourceNode) {
  let root: SourceNode | undefined;
  const positionOf = createLines(text);
  const locate: Document['locate'] = (pointer, part) => {
    root ??= readPositions();
    return positionOf(offsetOf(root, pointer, part));
  };
  return { ok: true, documents: [{ value, locate }] } satisfies Parsed;
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

/** The line that git writes above the two sides of a conflict. */
const CONFLICT = /^<{7}(?: |\r?$)/m;

const TEMPLATE = /\{\{|\{%|<%|<no value>/;
/** Escaped: one such character in a regular expression doubles the memory that the built file takes. */
const TYPOGRAPHIC_QUOTE = /[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]/;

/** How far around an issue its cause is searched: a file may be one long line. */
const MAX_DISTANCE = 100;

/** A merge conflict marker. It makes all other issues irrelevant. */
export function findConflictMarker(text: string): Issue | undefined {
  const offset = text.search(CONFLICT);
  if (offset === -1) return undefined;
  return syntaxIssue('a merge conflict was not resolved: git left <<<<<<< here', offset);
}

/** The most likely cause of an issue on the line around an offset, to append to its message. */
function hintFor(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - MAX_DISTANCE), offset).split(/[\r\n]/);
  const after = text.slice(offset, offset + MAX_DISTANCE).split(/[\r\n]/);
  const line = `${before.at(-1)}${after[0]}`;
  if (TEMPLATE.test(line)) return '; perhaps a template such as {{ … }} was not rendered';
  if (TYPOGRAPHIC_QUOTE.test(line))
    return '; typographic quotes such as “ ” do not count as quotes';
  const mistakable = MISTAKABLE.exec(line)?.[0];
  if (mistakable !== undefined) return `; the line has ${nameCharacter(mistakable)}`;
  return '';
}
