import { MAX_DEPTH, type SyntaxIssue } from './format.ts';
import { quoted } from './quote.ts';

/** The text breaks the grammar of its format. The message holds nothing of the content, the quote may. */
export function syntax(message: string, offset: number, quote?: string): SyntaxIssue {
  const complaint = { code: 'LG_VALIDATE_SYNTAX', args: [message], offset } as const;
  return quote === undefined ? complaint : { ...complaint, quote };
}

export function duplicateKey(key: string, offset: number): SyntaxIssue {
  return { code: 'LG_VALIDATE_DUPLICATE_KEY', args: [], quote: quoted(key), offset };
}

export function reservedKey(offset: number): SyntaxIssue {
  return { code: 'LG_VALIDATE_RESERVED_KEY', args: [], offset };
}

export function tooDeep(offset: number): SyntaxIssue {
  return { code: 'LG_VALIDATE_TOO_DEEP', args: [MAX_DEPTH], offset };
}
