import { CORE_SCHEMA, loadAll, mergeTag } from 'js-yaml';
import { parseAllDocuments } from 'yaml';
import type { Document } from '../../sidecar/src/formats/format.ts';
import { assertJsonPlaces } from './json-places.ts';
import { assertYamlPlaces } from './yaml-places.ts';

/** Another parser of a format: what lastgood accepts, it must accept with the same values. */
export interface Reader {
  /** Of the files in `corpus` that are read by it, and of those that are made from them. */
  readonly extension: string;
  readonly parser: string;
  /** The value of each document. Throws when it refuses the text. */
  read(text: string): readonly unknown[];
  /** Fails unless every value and key is located where this parser sees it. */
  assertPlaces?(documents: readonly Document[], text: string): void;
  /** Texts that it reads otherwise although lastgood is right, and why that is so. */
  readonly otherwise?: readonly (readonly [because: string, text: RegExp])[];
}

/** A new format is a line here and some files in `corpus`. */
export const READERS: readonly Reader[] = [
  {
    extension: '.json',
    parser: 'JSON.parse',
    read: (text) => [JSON.parse(text)],
    assertPlaces: assertJsonPlaces,
  },
  { extension: '.yaml', parser: 'js-yaml', read: readByJsYaml },
  {
    extension: '.yaml',
    parser: 'yaml',
    read: readByYaml,
    assertPlaces: assertYamlPlaces,
    otherwise: [
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
];

/** Of every format that has another parser to hold it against. */
export const EXTENSIONS: ReadonlySet<string> = new Set(READERS.map(({ extension }) => extension));

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
