import type { Issue } from '../model/issue.ts';
import { quote } from '../model/quote.ts';
import { MAX_DEPTH } from './format.ts';

/** The text breaks the grammar of its format. Only the quote may hold content. */
export function syntaxIssue<At>(message: string, at: At, quote?: string): Issue<At> {
  const issue = { code: 'LG_VALIDATE_SYNTAX', args: [message], at } as const;
  return quote === undefined ? issue : { ...issue, quote };
}

export function duplicateKey(key: string, at: number): Issue {
  return { code: 'LG_VALIDATE_DUPLICATE_KEY', args: [], quote: quote(key), at };
}

export function reservedKey(at: number): Issue {
  return { code: 'LG_VALIDATE_RESERVED_KEY', args: [], at };
}

export function tooDeep(at: number): Issue {
  return { code: 'LG_VALIDATE_TOO_DEEP', args: [MAX_DEPTH], at };
}
