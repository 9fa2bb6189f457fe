import { EVENT_ID, type Event } from 'js-yaml';
import type { Issue } from '../model/issue.ts';
import { linesOf } from './lines.ts';
import { dialectIssue } from './syntax-issues.ts';
import { DIRECTIVE, NO_DOCUMENT, NO_START, TAB, TAB_LINE } from './yaml-dialects.ts';
import { scanFlowNodes } from './yaml-flow.ts';

/** js-yaml alone accepts blanks before a document marker. The same characters may be text. */
export function findIndentedMarker(text: string, events: readonly Event[]): number | undefined {
  // A cheap search first: almost no text has one.
  if (!text.includes('---')) return undefined;
  return findOutsideScalars(text, events, /^[ \t]+(?=---(?:\s|$))/gm);
}

/** Where a match ends that is in no scalar. */
function findOutsideScalars(
  text: string,
  events: readonly Event[],
  pattern: RegExp,
): number | undefined {
  const offsets = [...text.matchAll(pattern)].map((found) => found.index + found[0].length);
  for (const event of offsets.length === 0 ? [] : events) {
    if (event.type !== EVENT_ID.SCALAR || event.valueStart === -1) continue;
    while (offsets[0] !== undefined && offsets[0] < event.valueEnd) {
      if (offsets[0] < event.valueStart) return offsets[0];
      offsets.shift();
    }
  }
  return offsets[0];
}

/** Warnings of what only js-yaml accepts, whatever the values. */
export function layoutIssues(text: string, events: readonly Event[]): readonly Issue[] {
  const issues: Issue[] = [];
  if (text.includes('\t')) issues.push(...tabIssues(text, events));
  const directive = text.includes('%')
    ? findOutsideScalars(text, events, /^(?=%(?!(?:YAML[ \t]+1\.1|TAG)[ \t\r\n]))/gm)
    : undefined;
  if (directive !== undefined) issues.push(dialectIssue(DIRECTIVE, directive));
  if (text.includes('...')) issues.push(...documentIssues(text));
  return issues;
}

/** At the first tab of each kind. */
function tabIssues(text: string, events: readonly Event[]): readonly Issue[] {
  const issues: Issue[] = [];
  const tab = findOutsideScalars(text, events, /^ *(?:[-?:] +)*[-?:] *(?=\t)/gm);
  if (tab !== undefined) issues.push(dialectIssue(TAB, tab));
  // Few texts have such a line, and only the scan of a text tells whether it is in brackets.
  const tabLine = /^ *\t[ \t]*$/m.test(text) ? scanFlowNodes(text).tabLines[0] : undefined;
  if (tabLine !== undefined) issues.push(dialectIssue(TAB_LINE, tabLine));
  return issues;
}

/** At the first line that js-yaml alone accepts around the end of a document. */
function documentIssues(text: string): readonly Issue[] {
  let before: 'nothing' | 'content' | 'end' = 'nothing';
  for (const { content, offset } of linesOf(text)) {
    if (/^\s*(?:#|$)/.test(content)) continue;
    if (/^\.\.\.(?:\s|$)/.test(content)) {
      if (before === 'nothing') return [dialectIssue(NO_DOCUMENT, offset)];
      before = 'end';
    } else if (before === 'end' && !/^(?:---(?:\s|$)|%)/.test(content))
      return [dialectIssue(NO_START, offset + content.search(/\S/))];
    else before = 'content';
  }
  return [];
}
