import { isUtf8 } from 'node:buffer';
import { PYTHON_BLANK, stopOf, WIDE_BLANKS } from './readers.ts';

const GO_BLANK = String.raw`[\t\v\f\r ${WIDE_BLANKS}]`;

// Each pattern is one assignment, blank line or comment. A blank at the beginning of a name or value is
// excluded, and a comment ends with its line, so that no pattern gives back what it has skipped.

/** Source: python-dotenv, parser.py */
const PYTHON_DOTENV = sticky(PYTHON_BLANK, [
  String.raw`(?:B|[\r\n])*(?:$|(?:exportB+|(?!exportB))(?:(?=#)|'[^']+'|(?!')(?:(?!B)[^=#\r\n])+)B*(?!B)`,
  String.raw`(?:=(?:B+(?=#)|B*(?:'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"|(?!['"]|B)[^\r\n]*)))?`,
  String.raw`(?:B*#[^\r\n]*)?B*(?:\r\n|[\r\n]|$))`,
]);

/** Source: docker/cli, pkg/kvfile */
const DOCKER = sticky(GO_BLANK, [
  String.raw`B*(?:#[^\n]*|(?!B)[^= \t\n]+(?:=[^\n]*|(?=\r?\n|$)))?(?:\n|$)`,
]);

/** Reads bytes as characters. Source: joho/godotenv, parser.go */
const GODOTENV = sticky(String.raw`(?:[\t\v\f\r ]|\xc2[\x85\xa0])`, [
  String.raw`(?:B|\xe1\x9a\x80|\xe2(?:\x80[\x80-\x8a\xa8\xa9\xaf]|\x81\x9f)|\xe3\x80\x80|\n|#[^\n]*(?:\n|$))*`,
  '(?:$|(?!B|exportB+$)',
  String.raw`[\w.\t\v\f\r \x85\xa0\xaa\xb2\xb3\xb5\xb9\xba\xbc-\xbe\xc0-\xd6\xd8-\xf6\xf8-\xff]*`,
  String.raw`(?:$|[=:]B*(?:"[^]*?(?<!\\)"|'[^]*?(?<!\\)'|(?!["']|B)[^\r\n]*)))`,
]);

function sticky(blank: string, parts: readonly string[]): RegExp {
  return new RegExp(parts.join('').replaceAll('B', blank), 'y');
}

/** Where the reader that gets furthest refuses a file; undefined if one reads all of it. */
export function envRefusedAt(text: string, bytes: Buffer): number | undefined {
  const encoded = bytes.toString('latin1').replaceAll('\r\n', '\n');
  const others = isUtf8(bytes) ? [PYTHON_DOTENV, DOCKER] : [];
  const stop = Math.max(0, ...others.map((pattern) => stopOf(pattern, text)));
  const isRead = stop === text.length || stopOf(GODOTENV, encoded) === encoded.length;
  return isRead ? undefined : stop;
}
