import type { SyntaxIssue } from './format.ts';

/** A line of a text, without its end. */
export interface Line {
  readonly text: string;
  readonly offset: number;
}

/** What no base64 holds, or what follows its padding. */
const FOREIGN = /[^A-Za-z0-9+/=]|=(?!=?$)/;

/**
 * The first thing that is wrong with the base64 of a block, if any. Blanks at the end of a line and
 * lines of any length pass, as most programs let them; Node itself would drop whatever is foreign.
 *
 * @param offset - of the block, where base64 is told that ends too early
 */
export function base64Complaint(lines: readonly Line[], offset: number): SyntaxIssue | undefined {
  let length = 0;
  let padded = false;
  for (const line of lines) {
    const text = line.text.trimEnd();
    if (text === '') continue;
    const foreign = padded ? 0 : text.search(FOREIGN);
    if (foreign !== -1) return complaint(wording(text, padded), line.offset + foreign);
    padded = text.endsWith('=');
    length += text.length;
  }
  if (length === 0) return complaint('the block is empty', offset);
  return length % 4 === 0
    ? undefined
    : complaint('the base64 of the block is not whole: characters are missing', offset);
}

function wording(text: string, padded: boolean): string {
  if (padded) return 'the base64 of the block goes on after its padding';
  if (text.includes('\\n')) return 'the characters \\n stand where a line must break';
  return 'is not base64';
}

function complaint(message: string, offset: number): SyntaxIssue {
  return { code: 'LG_VALIDATE_SYNTAX', args: [message], offset };
}
