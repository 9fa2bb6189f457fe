import type { Issue } from '../model/issue.ts';
import { syntaxIssue } from './syntax-issues.ts';

const NAMES: Readonly<Record<string, string>> = {
  '"': 'a double quote',
  "'": 'a single quote',
  '`': 'a backtick',
};

/** How many blanks after a value are skipped. */
const MAX_BLANKS = 100;

/** A quote that is not closed. */
export function unclosedAt(text: string, offset: number): Issue {
  return syntaxIssue(`${NAMES[text[offset] ?? ''] ?? 'a quote'} is not closed`, offset);
}

/**
 * The issue for text after the end of a value.
 *
 * @param longQuote - offset of a quote in the value that closed on a later line: most likely its own
 *   end is missing, and the first quote of the next value closed it
 */
export function unexpectedAfter(text: string, end: number, longQuote?: number): Issue {
  if (longQuote !== undefined) return unclosedAt(text, longQuote);
  const blanks = /^[ \t]*/.exec(text.slice(end, end + MAX_BLANKS))?.[0].length ?? 0;
  return syntaxIssue(
    'unexpected text after the value; put the whole value in quotes',
    end + blanks,
  );
}
