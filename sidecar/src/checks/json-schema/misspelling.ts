import { suggestion } from '../../settings/did-you-mean.ts';
import type { SchemaFile, SchemaProblem } from './schema-file.ts';
import { subschemasOf } from './walk.ts';

/** Keywords that only describe; whoever misspells one loses no check. */
const ANNOTATIONS = ['title', 'description', 'default', 'examples', '$comment', 'deprecated'];

/**
 * Formats that a specification defines and ajv does not check: annotations, however near to another.
 * Sources: JSON Schema 2020-12, Validation, section 7.3; OpenAPI Format Registry.
 */
const UNCHECKED_FORMATS = [
  ...['iri', 'iri-reference', 'idn-email', 'idn-hostname'],
  ...['int8', 'int16', 'uint8', 'uint16', 'uint32', 'uint64'],
];

/** A shorter word is near to too many others: `note` to `not`, `form` to `format`. */
const MIN_LETTERS = 5;

/** By the misspelled word, what is wrong: `unknown keyword "requried", did you mean "required"?`. */
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

/** Each misspelled word at each of its places. */
export function misspelled(
  files: readonly SchemaFile[],
  { keywords, formats }: { readonly keywords: Misspellings; readonly formats: Misspellings },
): readonly SchemaProblem[] {
  return files.flatMap(({ value, base, locate }) =>
    subschemasOf(value, base).flatMap(({ schema, pointer }) =>
      Object.entries(schema).flatMap(([key, inner]) => {
        const at = [...pointer, key];
        const reason = keywords.get(key);
        if (reason !== undefined) return [{ reason, location: locate(at, 'key') }];
        const ofFormat = key === 'format' ? formats.get(String(inner)) : undefined;
        return ofFormat === undefined ? [] : [{ reason: ofFormat, location: locate(at, 'value') }];
      }),
    ),
  );
}

/** The keywords that ajv warned of. It knows best where a word is a keyword and where a property. */
export function unknownKeywords(warnings: readonly string[]): readonly string[] {
  return warnings.flatMap((warning) => /unknown keyword: "(.+)"/.exec(warning)?.[1] ?? []);
}

/** Every format that a schema names. A few that are only data may be among them, which harms nothing. */
export function formatsIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, inner]) =>
    key === 'format' && typeof inner === 'string' ? [inner] : formatsIn(inner),
  );
}
