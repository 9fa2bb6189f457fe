import type { Issue } from '../model/issue.ts';
import type { Line } from './lines.ts';
import { syntaxIssue } from './syntax-issues.ts';

/** A character that is not base64, or that follows its padding. */
const FOREIGN = /[^A-Za-z0-9+/=]|=(?!=?$)/;

/** For the two characters `\n` in the place of a line break. */
export const ESCAPED_LINE_BREAK = 'has the characters \\n in the place of a line break';

/**
 * The first thing that is wrong with the base64 of a block. Blanks at the end of a line and lines of
 * any length are accepted, as by most programs; Node's decoder would skip foreign characters.
 *
 * @param blockOffset - of the block, for base64 that ends too early
 */
export function base64Issue(lines: readonly Line[], blockOffset: number): Issue | undefined {
  let length = 0;
  let padded = false;
  for (const { content, offset } of lines) {
    const text = content.trimEnd();
    if (text === '') continue;
    const foreign = padded ? 0 : text.search(FOREIGN);
    if (foreign !== -1) return syntaxIssue(wordingOf(text, padded), offset + foreign);
    padded = text.endsWith('=');
    length += text.length;
  }
  if (length === 0) return syntaxIssue('the block is empty', blockOffset);
  if (length % 4 === 0) return undefined;
  return syntaxIssue('the base64 of the block is incomplete: characters are missing', blockOffset);
}

function wordingOf(text: string, padded: boolean): string {
  if (padded) return 'the base64 of the block continues after its padding';
  return text.includes('\\n') ? ESCAPED_LINE_BREAK : 'is not base64';
}
