import type { SyntaxIssue } from './format.ts';
import { syntax } from './syntax-issue.ts';

const NAMES: Readonly<Record<string, string>> = {
  '"': 'a double quote',
  "'": 'a single quote',
  '`': 'a backtick',
};

/** So far is looked for the text that follows a value. */
const MAX_BLANKS = 100;

/** A quote without its end. */
export function unclosedAt(text: string, offset: number): SyntaxIssue {
  return syntax(`${NAMES[text[offset] ?? ''] ?? 'a quote'} is not closed`, offset);
}

/**
 * Why text follows a value that should be over.
 *
 * @param longQuote - offset of a quote in the value that closed in a later line: what closed it is most
 *   likely the first quote of the next value, and its own is missing
 */
export function unexpectedAfter(text: string, end: number, longQuote?: number): SyntaxIssue {
  if (longQuote !== undefined) return unclosedAt(text, longQuote);
  const blanks = /^[ \t]*/.exec(text.slice(end, end + MAX_BLANKS))?.[0].length ?? 0;
  return syntax('unexpected text after the value; put the whole value in quotes', end + blanks);
}
