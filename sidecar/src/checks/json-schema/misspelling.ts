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

/** The words of schemas that ajv does not know, and those that it knows. */
interface Words {
  readonly unknown: readonly string[];
  readonly known: readonly string[];
}

/** An issue for each misspelled keyword and format, wherever it occurs: it would check nothing. */
export function findMisspellings(
  files: readonly SchemaFile[],
  keywords: Words,
  formats: Words,
): readonly SchemaIssue[] {
  const ofKeywords = messagesFor('keyword', {
    unknown: keywords.unknown,
    known: keywords.known.filter((word) => !ANNOTATIONS.includes(word)),
  });
  const ofFormats = messagesFor('format', {
    unknown: formats.unknown.filter((name) => !UNCHECKED_FORMATS.includes(name)),
    known: [...formats.known, ...UNCHECKED_FORMATS],
  });
  return files.flatMap(({ value, base, locate }) =>
    subschemasOf(value, base).flatMap(({ schema, pointer }) =>
      Object.entries(schema).flatMap(([key, inner]) => {
        const at = [...pointer, key];
        const reason = ofKeywords.get(key);
        if (reason !== undefined) return [schemaIssue(reason, locate(at, 'key'))];
        const ofFormat = key === 'format' ? ofFormats.get(String(inner)) : undefined;
        return ofFormat === undefined ? [] : [schemaIssue(ofFormat, locate(at, 'value'))];
      }),
    ),
  );
}

/** Messages by misspelled word: `unknown keyword "requried", did you mean "required"?`. */
function messagesFor(what: string, { unknown, known }: Words): ReadonlyMap<string, string> {
  const messages = new Map<string, string>();
  for (const word of unknown) {
    if (word.length < MIN_LETTERS || word.startsWith('x-')) continue;
    const suggested = suggestion(word, known);
    if (suggested !== '') messages.set(word, `unknown ${what} "${word}"${suggested}`);
  }
  return messages;
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
