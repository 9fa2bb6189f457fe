import { type Event, parseEvents } from 'js-yaml';
import type { Issue } from '../model/issue.ts';
import { MAX_DEPTH } from './format.ts';
import { dialectIssue, unclosedIssue } from './syntax-issues.ts';
import {
  BYTE_ORDER_MARK,
  OLD_LINE_BREAK,
  TAB_AFTER_TEXT,
  TAB_IN_TEXT,
  TOUCHING_COMMENT,
} from './yaml-dialects.ts';
import { type FlowNodes, findUnclosed, scanFlowNodes } from './yaml-flow.ts';
import { issueOf } from './yaml-issues.ts';
import { type Padded, padFlowNodes } from './yaml-padding.ts';

/** Line breaks of YAML 1.1 alone, and a byte order mark that begins a line. */
const OLD_BLANKS = /[\u0085\u2028\u2029]|(?<=[\r\n])\uFEFF/g;

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
    const broken = written.replaceAll(OLD_BLANKS, (old) => (old === '\uFEFF' ? ' ' : '\n'));
    const flow = scanFlowNodes(broken);
    const padded = padFlowNodes(broken, flow, broken !== written);
    const warnings = flowIssues(broken, flow);
    const old = written.search(OLD_BLANKS);
    if (old !== -1)
      warnings.push(
        dialectIssue(written[old] === '\uFEFF' ? BYTE_ORDER_MARK : OLD_LINE_BREAK, old),
      );
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

function flowIssues(text: string, { touchingComments, tabsInText, lowLines }: FlowNodes): Issue[] {
  return [
    ...lowLines.slice(0, 1).map(({ at, message }) => dialectIssue(message, at)),
    ...touchingComments.map((at) => dialectIssue(TOUCHING_COMMENT, at)),
    ...tabsInText.map((at) => {
      const isAfter = /[,\]}#]/.test(text.slice(at).trimStart()[0] ?? '');
      return dialectIssue(isAfter ? TAB_AFTER_TEXT : TAB_IN_TEXT, at);
    }),
  ];
}

/** js-yaml counts calls: one more for the innermost scalar, and one for a tentative key. */
export function parseYamlEvents(text: string): Event[] {
  return parseEvents(text, { maxDepth: MAX_DEPTH + 2 });
}
