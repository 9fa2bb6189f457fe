import { stripComments } from 'jsonc-parser';
import { accepted, refused, refusedAsEmpty } from './document.ts';
import type { Format, Parsed, SyntaxIssue } from './format.ts';
import { readJsonPositions } from './json-positions.ts';
import { scanJson } from './json-scan.ts';
import { syntax } from './syntax-issue.ts';

/** Strict JSON (RFC 8259): no comments, no trailing commas; a key twice is a problem too. */
export const json: Format = {
  name: 'json',
  extensions: ['.json'],
  parse: (text) => parse(text, text),
};

/** JSON with comments. Trailing commas are refused: of those who read comments, not all read them. */
export const jsonc: Format = {
  name: 'jsonc',
  extensions: ['.jsonc'],
  parse: (text) => parse(text, stripComments(text, ' ')),
};

/** @param plain - the text with blanks for each comment that may stand in it */
function parse(text: string, plain: string): Parsed {
  if (plain.trim() === '') return refusedAsEmpty('JSON');
  const hasComments = plain !== text;
  const { depth, syntax, keys } = scanJson(text, !hasComments);
  if (depth !== undefined) return refused(text, [depth]);
  // Without its comments the text may well be JSON, though the last of them is not closed.
  const parsed = hasComments && syntax.length > 0 ? undefined : tryParse(plain);
  if (parsed === undefined)
    return refused(text, [...(syntax.length > 0 ? syntax : UNKNOWN), ...keys]);
  if (keys.length > 0) return refused(text, keys);
  return accepted(text, parsed.value, () => readJsonPositions(text));
}

/** JSON.parse alone decides what is JSON; its message is not used, since it quotes the content. */
const UNKNOWN: readonly SyntaxIssue[] = [syntax('is not valid JSON', 0)];

function tryParse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
