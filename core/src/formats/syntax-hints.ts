import type { SyntaxIssue } from './format.ts';
import { syntax } from './syntax-issue.ts';

/** What git writes above the two sides of a conflict. */
const CONFLICT = /^<{7}(?: |\r?$)/m;

const TEMPLATE = /\{\{|\{%|<%|<no value>/;
/** Escaped: a single such character in a regular expression doubles what the bundle takes in memory. */
const TYPOGRAPHIC_QUOTE = /[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]/;

/** How far from a mistake its cause is looked for: a file may be one long line. */
const MAX_DISTANCE = 100;

/** The marker of a merge conflict. Nothing else that is wrong matters then. */
export function findConflictMarker(text: string): SyntaxIssue | undefined {
  const offset = text.search(CONFLICT);
  if (offset === -1) return undefined;
  return syntax('a merge conflict was not resolved: git left <<<<<<< here', offset);
}

/** What most likely spoilt the line around an offset, to stand after what is wrong with it. */
export function hintFor(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - MAX_DISTANCE), offset).split(/[\r\n]/);
  const after = text.slice(offset, offset + MAX_DISTANCE).split(/[\r\n]/);
  const line = `${before.at(-1)}${after[0]}`;
  if (TEMPLATE.test(line)) return '; a template such as {{ … }} was perhaps not filled in';
  if (TYPOGRAPHIC_QUOTE.test(line)) return '; typographic quotes such as “ ” are no quotes';
  return '';
}
