import { stripComments } from 'jsonc-parser';
import type { Issue } from '../model/issue.ts';
import { accepted, refused, refusedAsEmpty } from './document.ts';
import type { Format, Parsed } from './format.ts';
import { readJsonPositions } from './json-positions.ts';
import { scanJson } from './json-scan.ts';
import { syntaxIssue } from './syntax-issues.ts';

/** Strict JSON (RFC 8259): no comments, no trailing commas. A duplicate key is an issue too. */
export const json: Format = {
  name: 'json',
  extensions: ['.json'],
  parse: (text) => parse(text, text),
};

/** JSON with comments. Trailing commas are refused: not all programs that read comments accept them. */
export const jsonc: Format = {
  name: 'jsonc',
  extensions: ['.jsonc'],
  parse: (text) => parse(text, stripComments(text, ' ')),
};

/** @param plain - the text with each allowed comment replaced by blanks */
function parse(text: string, plain: string): Parsed {
  if (plain.trim() === '') return refusedAsEmpty('JSON');
  const hasComments = plain !== text;
  const { depth, syntax, keys } = scanJson(text, !hasComments);
  if (depth !== undefined) return refused(text, [depth]);
  // If a comment is not closed, the text without comments may still be JSON.
  const parsed = hasComments && syntax.length > 0 ? undefined : tryParse(plain);
  if (parsed === undefined)
    return refused(text, [...(syntax.length > 0 ? syntax : UNKNOWN), ...keys]);
  if (keys.length > 0) return refused(text, keys);
  return accepted(text, parsed.value, () => readJsonPositions(text));
}

/** JSON.parse alone decides what is JSON; its message quotes the content, so it is not shown. */
const UNKNOWN: readonly Issue[] = [syntaxIssue('is not valid JSON', 0)];

function tryParse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
