import { suggestion } from '../settings/did-you-mean.ts';

/** Keywords that only describe; whoever misspells one loses no check. */
const ANNOTATIONS = ['title', 'description', 'default', 'examples', '$comment', 'deprecated'];

/** A shorter word is near to too many others: `note` to `not`, `form` to `format`. */
const MIN_LETTERS = 5;

/** `unknown keyword "requried", did you mean "required"?` for the first that looks misspelled. */
export function misspelledKeyword(
  unknown: readonly string[],
  known: readonly string[],
): string | undefined {
  const checking = known.filter((word) => !ANNOTATIONS.includes(word));
  return complaintOf('keyword', unknown, checking);
}

/** `unknown format "datetime", did you mean "date-time"?` for the first that looks misspelled. */
export function misspelledFormat(
  unknown: readonly string[],
  known: readonly string[],
): string | undefined {
  return complaintOf('format', unknown, known);
}

function complaintOf(what: string, unknown: readonly string[], known: readonly string[]) {
  for (const word of unknown) {
    if (word.length < MIN_LETTERS || word.startsWith('x-')) continue;
    const meant = suggestion(word, known);
    if (meant !== '') return `unknown ${what} "${word}"${meant}`;
  }
  return undefined;
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
