import { type Pair, parseLines } from 'dot-properties';
import type { Issue } from '../model/issue.ts';
import { findConflictMarker, refused, refusedAsEmpty } from './document.ts';
import { FlatObjectBuilder } from './flat-object.ts';
import type { Format, Parsed } from './format.ts';
import { dialectIssue, syntaxIssue } from './syntax-issues.ts';

/**
 * Java's `.properties`: one flat object of texts. A key without a value has the empty text, as in
 * Java, and of a duplicate key the last value counts, with a warning (P11); escapes that Java refuses are
 * issues. A file with only comments is an object without keys.
 *
 * Source: docs.oracle.com, java.util.Properties.load
 */
export const properties: Format = { name: 'properties', extensions: ['.properties'], parse };

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('properties');
  // Here any text is a key, even a conflict marker.
  if (findConflictMarker(text) !== undefined) return refused(text, []);
  const object = new FlatObjectBuilder('last');
  for (const pair of parseLines(text, true) as Pair[])
    if (pair.type === 'PAIR') readPair(text, pair, object);
  return object.parsed(text);
}

function readPair(text: string, { key, value, range }: Pair, object: FlatObjectBuilder): void {
  const [keyStart, , valueStart, valueEnd] = range ?? [0, 0, 0, 0];
  const { issues, warnings } = object.problems;
  if (key === '') warnings.push(dialectIssue('a value without a key', keyStart));
  for (const issue of malformedEscapes(text.slice(keyStart, valueEnd), keyStart))
    issues.push(issue);
  object.addText(key, keyStart, value, valueStart ?? keyStart);
}

/** Java throws at a `\u` without four digits, most often in a path such as `C:\users`. */
function malformedEscapes(written: string, offset: number): readonly Issue[] {
  return [...written.matchAll(/\\(?:u(?:[\da-fA-F]{4})?|.)/gs)]
    .filter(([sequence]) => sequence === '\\u')
    .map(({ index }) =>
      syntaxIssue('a \\u needs four hexadecimal digits; write a backslash as \\\\', offset + index),
    );
}
