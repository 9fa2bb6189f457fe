import { suggestion } from '../../settings/did-you-mean.ts';
import { type SchemaFile, type SchemaIssue, schemaIssue } from './schema-file.ts';
import { subschemasOf } from './walk.ts';

/** Keywords that only describe: misspelling one loses no check. */
const ANNOTATIONS = ['title', 'description', 'default', 'examples', '$comment', 'deprecated'];

/**
 * Formats that a specification defines and ajv does not check: annotations, however similar to another.
 * Sources: JSON Schema 2020-12, Validation, section 7.3; OpenAPI Format Registry.
 */
const UNCHECKED_FORMATS = [
  ...['iri', 'iri-reference', 'idn-email', 'idn-hostname'],
  ...['int8', 'int16', 'uint8', 'uint16', 'uint32', 'uint64'],
];

/** Shorter words are similar to too many others: `note` to `not`, `form` to `format`. */
const MIN_LETTERS = 5;

/** Messages by misspelled word: `unknown keyword "requried", did you mean "required"?`. */
export type Misspellings = ReadonlyMap<string, string>;

export function misspelledKeywords(
  unknown: readonly string[],
  known: readonly string[],
): Misspellings {
  const checking = known.filter((word) => !ANNOTATIONS.includes(word));
  return misspellingsOf('keyword', unknown, checking);
}

export function misspelledFormats(
  unknown: readonly string[],
  known: readonly string[],
): Misspellings {
  const undefinedFormats = unknown.filter((name) => !UNCHECKED_FORMATS.includes(name));
  return misspellingsOf('format', undefinedFormats, [...known, ...UNCHECKED_FORMATS]);
}

function misspellingsOf(
  what: string,
  unknown: readonly string[],
  known: readonly string[],
): Misspellings {
  const words = unknown.filter((word) => word.length >= MIN_LETTERS && !word.startsWith('x-'));
  const meant = words.map((word) => [word, suggestion(word, known)] as const);
  return new Map(
    meant
      .filter(([, suggested]) => suggested !== '')
      .map(([word, suggested]) => [word, `unknown ${what} "${word}"${suggested}`]),
  );
}

/** An issue for each misspelled word, wherever it occurs. */
export function misspelled(
  files: readonly SchemaFile[],
  { keywords, formats }: { readonly keywords: Misspellings; readonly formats: Misspellings },
): SchemaIssue[] {
  return files.flatMap(({ value, base, locate }) =>
    subschemasOf(value, base).flatMap(({ schema, pointer }) =>
      Object.entries(schema).flatMap(([key, inner]) => {
        const at = [...pointer, key];
        const reason = keywords.get(key);
        if (reason !== undefined) return [schemaIssue(reason, locate(at, 'key'))];
        const ofFormat = key === 'format' ? formats.get(String(inner)) : undefined;
        return ofFormat === undefined ? [] : [schemaIssue(ofFormat, locate(at, 'value'))];
      }),
    ),
  );
}

/** The keywords that ajv warned of: it knows where a word is a keyword and where a property. */
export function unknownKeywords(warnings: readonly string[]): readonly string[] {
  return warnings.flatMap((warning) => /unknown keyword: "(.+)"/.exec(warning)?.[1] ?? []);
}

/** Every format that a schema names, and perhaps a few from its data, which is harmless. */
export function formatsIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, inner]) =>
    key === 'format' && typeof inner === 'string' ? [inner] : formatsIn(inner),
  );
}
