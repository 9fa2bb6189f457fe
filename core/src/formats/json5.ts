import JSON5 from 'json5';
import { stripComments } from 'jsonc-parser';
import { accepted, refused, refusedAsEmpty } from './document.ts';
import type { Format, Parsed, SyntaxIssue } from './format.ts';
import { scanJson5 } from './json5-scan.ts';
import { syntax } from './syntax-issue.ts';

/** JSON5 (spec.json5.org): comments, trailing commas, keys without quotes; a key twice is a problem. */
export const json5: Format = { name: 'json5', extensions: ['.json5'], parse };

function parse(text: string): Parsed {
  if (stripComments(text).trim() === '') return refusedAsEmpty('JSON5');
  let value: unknown;
  try {
    value = JSON5.parse(text);
  } catch (thrown) {
    return refused(text, [complaintOf(thrown, text)]);
  }
  const { place, complaints } = scanJson5(text);
  if (complaints.length > 0) return refused(text, complaints);
  return accepted(text, value, () => place);
}

/** json5 says no more than where it stopped, and quotes the character that it found there. */
function complaintOf(thrown: unknown, text: string): SyntaxIssue {
  const { lineNumber = 1, columnNumber = 1 } = thrown as Json5Error;
  let offset = 0;
  for (let line = 1; line < lineNumber; line++) offset = text.indexOf('\n', offset) + 1;
  // A line break counts as the column 0 of the line that it begins, and a pair as its second half.
  offset += columnNumber - 1;
  if (/[\uDC00-\uDFFF]/.test(text[offset] ?? '')) offset -= 1;
  return syntax(wordingOf(text[offset]), Math.max(0, offset));
}

/** What json5 adds to its errors. */
interface Json5Error {
  readonly lineNumber?: number;
  readonly columnNumber?: number;
}

function wordingOf(found: string | undefined): string {
  switch (found) {
    case undefined:
      return 'ends too early: a bracket, quote or comment is not closed';
    case '\r':
    case '\n':
      return 'a string is not closed on its line';
    case '}':
    case ']':
      return `unexpected ${found}; what stands before it is incomplete, or a bracket is too many`;
    case '{':
    case '[':
      return `unexpected ${found}; a key or a comma is missing before it`;
    case ',':
    case ':':
      return `unexpected ${found}; a key or a value is missing before it`;
    case '=':
      return 'expected a colon after the key';
    case '#':
      return 'unexpected #; comments start with // or /*';
    default:
      return 'unexpected text; strings stand in quotes, and commas between entries';
  }
}
