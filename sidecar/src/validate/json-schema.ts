import type { ErrorObject, ValidateFunction } from 'ajv';
import { findingOf } from '../errors.ts';
import type { Document } from '../formats/format.ts';
import type { SchemaSettings } from '../settings/settings.ts';
import type { SnapshotFile } from '../snapshot.ts';
import type { Finding } from '../verdict.ts';
import type { Judgement } from './findings.ts';
import { examineSchema } from './schema-compile.ts';
import { withoutEchoes } from './schema-echoes.ts';
import { type ReadSchema, unusable } from './schema-file.ts';
import { placeOf } from './schema-place.ts';
import { createWording, type Wording } from './schema-wording.ts';

/** Holds every document of a file against a schema, and finds everything that breaks it. */
export type SchemaCheck = (file: SnapshotFile, documents: readonly Document[]) => Judgement;

/**
 * Of a file that is wrong in more places, the first so many in the schema's order are located, and
 * the rest is counted. A wrong type in each row of a large table would else cost more memory than
 * a small pod has.
 */
const MAX_LOCATED = 1000;

/**
 * Reads and compiles a schema file and those that it refers to. Rejects with `LG_SETTINGS_SCHEMA`
 * when it cannot be used: at the line that is wrong, else where the settings name it.
 */
export async function loadSchema(settings: SchemaSettings, read: ReadSchema): Promise<SchemaCheck> {
  const examined = await examineSchema(settings.path, read);
  if (!examined.ok) throw unusable(settings, examined.problems);
  const { validate, files } = examined;
  const wording = createWording(files.map(({ value }) => value));
  return (file, documents) => {
    const findings: Finding[] = [];
    let leftOut = 0;
    for (const document of documents) {
      const errors = errorsOf(document.value, validate);
      const located = errors.slice(0, MAX_LOCATED - findings.length);
      findings.push(...located.map((error) => findingOfError(error, file, document, wording)));
      leftOut += errors.length - located.length;
    }
    return { findings, leftOut };
  };
}

function errorsOf(value: unknown, validate: ValidateFunction): readonly ErrorObject[] {
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  // ajv would hold on to the errors, and so to the values, until the next validation.
  validate.errors = null;
  return withoutEchoes(errors);
}

function findingOfError(
  error: ErrorObject,
  { path, secret }: SnapshotFile,
  document: Document,
  wording: Wording,
): Finding {
  const { pointer, part } = placeOf(error);
  const { line, column } = document.locate(pointer, part);
  const message = secret ? wording.sealed(error, document.value) : wording.open(error);
  return findingOf('LG_VALIDATE_SCHEMA', [message], { file: path, line, column });
}
