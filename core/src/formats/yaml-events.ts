import { type Event, parseEvents } from 'js-yaml';
import type { Issue } from '../model/issue.ts';
import { MAX_DEPTH } from './format.ts';
import { unclosedIssue } from './syntax-issues.ts';
import { findUnclosed, scanFlowNodes } from './yaml-flow.ts';
import { issueOf, touchingComment } from './yaml-issues.ts';
import { type Padded, padFlowNodes } from './yaml-padding.ts';

/** A text as js-yaml reads it. */
export interface YamlSource extends Padded {
  /** The text as it was written. */
  readonly written: string;
  readonly warnings: readonly Issue[];
}

/** The events of a text. If js-yaml refuses it, once more with blanks that all other readers need not. */
export function readEvents(
  written: string,
): { readonly source: YamlSource; readonly events: Event[] } | { readonly issue: Issue } {
  const asWritten = { text: written, originalOffset: (at: number) => at };
  try {
    return { source: { ...asWritten, written, warnings: [] }, events: parseYamlEvents(written) };
  } catch (thrown) {
    const flow = scanFlowNodes(written);
    const padded = padFlowNodes(written, flow);
    const warnings = flow.touchingComments.map(touchingComment);
    try {
      if (padded === undefined) throw thrown;
      return { source: { ...padded, written, warnings }, events: parseYamlEvents(padded.text) };
    } catch (last) {
      const { text, originalOffset } = padded ?? asWritten;
      const issue = issueOf(last, text, []);
      const at = originalOffset(issue.at);
      const isSyntax = issue.code === 'LG_VALIDATE_SYNTAX';
      const unclosed = isSyntax ? findUnclosed(written, flow, at) : undefined;
      return {
        issue: unclosed === undefined ? { ...issue, at } : unclosedIssue(written, unclosed),
      };
    }
  }
}

/** js-yaml counts calls: one more for the innermost scalar, and one for a tentative key. */
export function parseYamlEvents(text: string): Event[] {
  return parseEvents(text, { maxDepth: MAX_DEPTH + 2 });
}
