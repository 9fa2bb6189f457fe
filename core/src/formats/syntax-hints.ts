import type { Issue } from '../model/issue.ts';
import { syntaxIssue } from './syntax-issues.ts';

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
export function hintFor(text: string, offset: number): string {
  const before = text.slice(Math.max(0, offset - MAX_DISTANCE), offset).split(/[\r\n]/);
  const after = text.slice(offset, offset + MAX_DISTANCE).split(/[\r\n]/);
  const line = `${before.at(-1)}${after[0]}`;
  if (TEMPLATE.test(line)) return '; perhaps a template such as {{ … }} was not rendered';
  if (TYPOGRAPHIC_QUOTE.test(line))
    return '; typographic quotes such as “ ” do not count as quotes';
  return '';
}
