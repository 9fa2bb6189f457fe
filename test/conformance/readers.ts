import type { Document } from '@lastgood/core/formats/format.ts';
import { readEvents } from '@lastgood/core/formats/yaml-events.ts';
import { parse as parseProperties } from 'dot-properties';
import { parse as parseEnv } from 'dotenv';
import { CORE_SCHEMA, loadAll, mergeTag } from 'js-yaml';
import JSON5 from 'json5';
import { type ParseError, parse as parseJsonc } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';
import { parseAllDocuments } from 'yaml';
import { assertJsonPlaces } from './json-places.ts';
import { assertYamlPlaces } from './yaml-places.ts';

/** Another parser of a format: what lastgood accepts, it must accept with the same values. */
export interface Reader {
  /** Of the files in `corpus` that are read by it, and of those that are made from them. */
  readonly extension: string;
  readonly parser: string;
  /** The value of each document. Throws when it refuses the text. */
  read(text: string): readonly unknown[];
  /** Takes out of a value, of either parser, what the two are free to write in their own ways. */
  plain?(value: unknown): unknown;
  /** Fails unless every value and key is located where this parser sees it. */
  assertPlaces?(documents: readonly Document[], text: string): void;
  /** Texts that it reads otherwise although lastgood is right, and why that is so. */
  readonly otherwise?: readonly (readonly [because: string, text: Pick<RegExp, 'test'>])[];
}

const INDENTED_LIKE_THE_KEY = [
  'PyYAML, Go and js-yaml 4 allow a closing bracket at the indent of its key',
  { test: isPadded },
] as const;

function isPadded(text: string): boolean {
  const read = readEvents(text);
  return 'source' in read && read.source.text !== text;
}

/** A new format is a line here and some files in `corpus`. */
export const READERS: readonly Reader[] = [
  {
    extension: '.json',
    parser: 'JSON.parse',
    read: (text) => [JSON.parse(text)],
    assertPlaces: assertJsonPlaces,
  },
  { extension: '.yaml', parser: 'js-yaml', read: readByJsYaml, otherwise: [INDENTED_LIKE_THE_KEY] },
  {
    extension: '.yaml',
    parser: 'yaml',
    read: readByYaml,
    assertPlaces: assertYamlPlaces,
    otherwise: [
      INDENTED_LIKE_THE_KEY,
      ['it takes a lone CR for text; in YAML 1.2 it ends a line', /\r(?!\n)/],
      [
        'it takes a number that is beyond a double for infinity, and js-yaml for text',
        /e\+?\d{3}/i,
      ],
      [
        'it counts the indentation of a top-level block text from 1; YAML 1.2 from 0',
        /^(?:---)?[ \t]*(?:[!&]\S*[ \t]+)*[|>][+-]?[1-9]/m,
      ],
      ['it allows no tab before a top-level value; in YAML 1.2 that is a separation', /^\s*\t/m],
    ],
  },
  { extension: '.json5', parser: 'json5', read: (text) => [JSON5.parse(text)] },
  { extension: '.jsonc', parser: 'jsonc-parser', read: readByJsoncParser },
  {
    extension: '.toml',
    parser: 'smol-toml',
    read: (text) => [parseToml(text, { integersAsBigInt: 'asNeeded' })],
    plain: plainToml,
  },
  {
    extension: '.toml',
    parser: 'toml-eslint-parser',
    read: (text) => [getStaticTOMLValue(parseTOML(text, { tomlVersion: '1.1' }))],
    plain: plainToml,
  },
  {
    extension: '.properties',
    parser: 'dot-properties',
    read: (text) => [{ ...parseProperties(text) }],
  },
  { extension: '.env', parser: 'dotenv', read: (text) => [{ ...parseEnv(text) }] },
];

/** Of every format with another parser to compare with; the one for INI is in Python. */
export const EXTENSIONS: ReadonlySet<string> = new Set([
  ...READERS.map(({ extension }) => extension),
  '.ini',
]);

function readByJsoncParser(text: string): readonly unknown[] {
  const errors: ParseError[] = [];
  const value: unknown = parseJsonc(text, errors);
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return [value];
}

const TIME = /^\d{4}-\d\d-\d\d|^\d\d:\d\d/;

/**
 * A date is an object to other parsers, and to lastgood the text that ISO 8601 has for it; a parser
 * may write the line ends of a text as it likes.
 */
function plainToml(value: unknown): unknown {
  if (value instanceof Date) return 'a time';
  if (typeof value === 'string')
    return TIME.test(value) ? 'a time' : value.replaceAll('\r\n', '\n');
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plainToml);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainToml(inner)]));
}

function readByJsYaml(text: string): readonly unknown[] {
  return loadAll(text, { schema: CORE_SCHEMA.withTags(mergeTag) });
}

function readByYaml(text: string): readonly unknown[] {
  const options = { merge: true, logLevel: 'silent', prettyErrors: false } as const;
  const documents = parseAllDocuments(text, options);
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    // As a map, for the keys of its objects are not those of JavaScript: a key `~` is "".
    return objectOf(document.toJS({ maxAliasCount: -1, mapAsMap: true }));
  });
}

function objectOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(objectOf);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, inner]) => [String(key), objectOf(inner)]));
}
