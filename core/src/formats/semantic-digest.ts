import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { parse as parseToml } from 'smol-toml';
import type { SnapshotFile } from '../model/snapshot.ts';
import { type Format, MAX_DEPTH } from './format.ts';
import { jsonTokens, LINE_BREAKS_OF_JSON5 } from './json-positions.ts';
import { parseJson5 } from './json5.ts';
import { linesOf } from './lines.ts';
import { Merkle, TEXT } from './merkle.ts';
import { digestYaml } from './yaml-digest.ts';

/**
 * A digest of what a file means: comments and formatting do not change it, nor does the order of keys in
 * YAML, JSON and TOML. It is exact and typed, since an app that is not notified keeps its old values:
 * large integers count with all digits, a number only equals one that is written the same, and a plain
 * YAML scalar that some reader takes for no text, such as `no` or `012`, equals no text. If in doubt, two
 * files differ. Undefined if the file cannot be read. Of a secret file it must never be shown (P8).
 */
export function semanticDigest(
  { bytes }: Pick<SnapshotFile, 'bytes'>,
  format: Format,
): string | undefined {
  if (!isUtf8(bytes)) return hashOf(bytes);
  try {
    return hashOf(`${format.name} ${contentOf(bytes.toString('utf8'), format)}`);
  } catch {
    // It breaks its format, and is rejected for that.
    return undefined;
  }
}

function hashOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('base64');
}

function contentOf(text: string, format: Format): string {
  switch (format.name) {
    case 'yaml':
      return digestYaml(text);
    case 'json':
    case 'jsonc':
    case 'dockerconfigjson':
    case 'dockercfg':
      return digestJson(text);
    case 'json5':
      return digestJson(text, LINE_BREAKS_OF_JSON5);
    case 'toml':
      return digestToml(text);
    case 'env':
    case 'ini':
    case 'properties':
    case 'shell':
      return linesWithMeaning(text, format);
    default:
      return text;
  }
}

/** Any JSON or JSON5: the tokens without comments, and keys in any order. */
function digestJson(text: string, lineBreaks?: string): string {
  const digest = new Merkle();
  const decode = lineBreaks === undefined ? JSON.parse : parseJson5;
  for (const { token } of jsonTokens(text, lineBreaks)) {
    if (token === '{' || token === '[') digest.begin(token === '{' ? 'mapping' : 'list');
    else if (token === '}' || token === ']') digest.end();
    else if (/^["']/.test(token)) digest.scalar(TEXT, String(decode(token)));
    else if (!/^[/:,]/.test(token)) digest.scalar(digest.awaitsKey ? TEXT : 'p', token);
  }
  return digest.end();
}

function digestToml(text: string): string {
  const digest = new Merkle();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      digest.begin('list');
      for (const item of value) visit(item);
      digest.end();
    } else if (typeof value === 'object' && value !== null && isTable(value)) {
      digest.begin('mapping');
      for (const [key, inner] of Object.entries(value)) {
        digest.scalar(TEXT, key);
        visit(inner);
      }
      digest.end();
    } else addTomlScalar(digest, value);
  };
  const options = { maxDepth: MAX_DEPTH, integersAsBigInt: true, useLegacyDate: false } as const;
  visit(parseToml(text, options));
  return digest.end();
}

function isTable(value: object): boolean {
  return Object.getPrototypeOf(value) === null;
}

function addTomlScalar(digest: Merkle, value: unknown): void {
  if (typeof value === 'string') digest.scalar(TEXT, value);
  // Each kind of date and time has its own class.
  else if (typeof value === 'object') digest.scalar(`${value?.constructor.name} `, String(value));
  else digest.scalar(`${typeof value} `, Object.is(value, -0) ? '-0' : String(value));
}

/**
 * Readers of these formats differ in quotes, references and repeated keys, so only comments and blank lines
 * are left out. The values are there for a line of a value that looks like a comment.
 */
function linesWithMeaning(text: string, format: Format): string {
  const parsed = format.parse(text);
  if (!parsed.ok) throw new RangeError('it breaks its format');
  const values = parsed.documents.map(({ value }) => value);
  const lines = linesOf(text)
    .map(({ content }) => content.trimEnd())
    .filter((line) => !/^\s*(?:$|[#;!])/.test(line));
  return JSON.stringify([values, [...lines]]);
}
