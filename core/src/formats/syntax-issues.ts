import type { Issue } from '../model/issue.ts';
import { quote } from '../model/quote.ts';
import { MAX_DEPTH } from './format.ts';

/** The text breaks the grammar of its format. Only the quote may hold content. */
export function syntaxIssue<At>(message: string, at: At, quote?: string): Issue<At> {
  const issue = { code: 'LG_VALIDATE_SYNTAX', args: [message], at } as const;
  return quote === undefined ? issue : { ...issue, quote };
}

/** For `warnings`: some common readers of the format refuse it or read it differently (P11). */
export function dialectIssue(message: string, at: number, quote?: string): Issue {
  return { ...syntaxIssue(message, at, quote), code: 'LG_VALIDATE_DIALECT' };
}

export function duplicateKey(key: string, at: number): Issue {
  return { code: 'LG_VALIDATE_DUPLICATE_KEY', args: [], quote: quote(key), at };
}

export function reservedKey<At>(at: At): Issue<At> {
  return { code: 'LG_VALIDATE_RESERVED_KEY', args: [], at };
}

export function tooDeep<At>(at: At): Issue<At> {
  return { code: 'LG_VALIDATE_TOO_DEEP', args: [MAX_DEPTH], at };
}

const OPENING_NAMES: Readonly<Record<string, string>> = {
  '"': 'a double quote',
  "'": 'a single quote',
  '`': 'a backtick',
  '[': 'a bracket',
  '{': 'a brace',
  '/': 'a comment',
};

/** How many blanks after a value are skipped. */
const MAX_BLANKS = 100;

/** A quote, a bracket or a comment that is not closed. */
export function unclosedIssue(text: string, offset: number): Issue {
  return syntaxIssue(`${OPENING_NAMES[text[offset] ?? ''] ?? 'a quote'} is not closed`, offset);
}

/**
 * The issue for text after the end of a value.
 *
 * @param longQuote - offset of a quote in the value that closed on a later line: most likely its own
 *   end is missing, and the first quote of the next value closed it
 */
export function unexpectedAfter(text: string, end: number, longQuote?: number): Issue {
  if (longQuote !== undefined) return unclosedIssue(text, longQuote);
  const blanks = /^[ \t]*/.exec(text.slice(end, end + MAX_BLANKS))?.[0].length ?? 0;
  const message = 'unexpected text after the value; put the whole value in quotes';
  return syntaxIssue(message, end + blanks);
}
