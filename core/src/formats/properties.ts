import { type Pair, parseLines } from 'dot-properties';
import { accepted, refused, refusedAsEmpty } from './document.ts';
import { FlatObjectBuilder } from './flat-object.ts';
import type { Format, Parsed, SyntaxIssue } from './format.ts';
import { findConflictMarker } from './syntax-hints.ts';
import { syntax } from './syntax-issue.ts';

/**
 * Java's `.properties`: one flat object of texts. A key without a value has the empty text, as in
 * Java; a key twice, a key that is not there and an escape that Java refuses are problems. UTF-8, as
 * since Java 9. A file of comments alone is an object without keys.
 *
 * Source: docs.oracle.com, java.util.Properties.load
 */
export const properties: Format = { name: 'properties', extensions: ['.properties'], parse };

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('properties');
  // Any text is a key here, the marker of a conflict too.
  if (findConflictMarker(text) !== undefined) return refused(text, []);
  const table = new FlatObjectBuilder(0);
  const complaints = (parseLines(text, true) as Pair[])
    .filter(({ type }) => type === 'PAIR')
    .flatMap((pair) => complaintsOf(text, pair, table));
  if (complaints.length > 0) return refused(text, complaints);
  return accepted(text, table.value, () => table.place);
}

function complaintsOf(text: string, pair: Pair, table: FlatObjectBuilder): readonly SyntaxIssue[] {
  const { key, value, range: [keyStart, , valueStart, valueEnd] = [0, 0, 0, 0] } = pair;
  if (key === '') return [syntax('expected a key before the value', keyStart)];
  return [
    ...malformedEscapes(text.slice(keyStart, valueEnd), keyStart),
    table.addText(key, keyStart, value, valueStart ?? keyStart) ?? [],
  ].flat();
}

/** Java throws at a `\u` without four digits; a path such as `C:\users` is how most of them come. */
function malformedEscapes(written: string, offset: number): readonly SyntaxIssue[] {
  return [...written.matchAll(/\\(?:u(?:[\da-fA-F]{4})?|.)/gs)]
    .filter(([sequence]) => sequence === '\\u')
    .map(({ index }) =>
      syntax('a \\u needs four hexadecimal digits; write a backslash as \\\\', offset + index),
    );
}
