import { reasonOf } from '@lastgood/core/model/error.ts';
import type { Ajv, Options, ValidateFunction } from 'ajv';
import { dedupeErrors } from './dedupe-errors.ts';
import { SCHEMA_FORMATS } from './formats.ts';
import { instancePathOf } from './instance-path.ts';
import { DRAFTS, type Draft, schemaOfSchemas } from './meta-schema.ts';
import {
  formatsIn,
  misspelled,
  misspelledFormats,
  misspelledKeywords,
  unknownKeywords,
} from './misspelling.ts';
import { brokenPatterns } from './pattern.ts';
import { gatherSchemas, linked } from './refs.ts';
import type { ReadSchema, SchemaData, SchemaFile, SchemaProblem } from './schema-file.ts';
import { createWording } from './wording.ts';

/**
 * Strict about what would check something else than its author thinks, lenient about style:
 * - `strictSchema: 'log'` tells of unknown keywords, which `misspelledKeywords` judges. Schemas from
 *   the wild are full of annotations (`x-order`, `markdownDescription`) that are sound.
 * - `strictTypes`, `strictTuples` and `strictRequired` are rules of good style, and stay off.
 * - `ownProperties`: else a key `constructor` would seem to be present in every object.
 * - `verbose` gives each error the value that it is about.
 * - `validateSchema` is off because `schemaOfSchemas` does it.
 */
export const SCHEMA_OPTIONS = {
  allErrors: true,
  strict: false,
  strictSchema: 'log',
  ownProperties: true,
  verbose: true,
  validateSchema: false,
} as const satisfies Options;

export interface SchemaOptions {
  /** Text that says a number or a boolean is turned into one, in the value itself. */
  readonly coerce: boolean;
}

export type Examined =
  | {
      readonly ok: true;
      readonly validate: ValidateFunction;
      /** The schema and those that it refers to. */
      readonly files: readonly SchemaFile[];
    }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] };

/**
 * Reads and compiles a schema file, by the draft that its `$schema` names; 2020-12 if it names none.
 * It has problems when it or a file that it refers to is not a valid schema, when a `$ref` leads to
 * nothing, or when a word is a misspelled keyword or format and so would check nothing. Never
 * rejects.
 */
export async function examineSchema(
  path: string,
  read: ReadSchema,
  options: SchemaOptions = { coerce: false },
): Promise<Examined> {
  try {
    const { files, problems } = await gatherSchemas(path, read);
    return problems.length > 0 ? { ok: false, problems } : await compile(files, options);
  } catch (cause) {
    return { ok: false, problems: [{ reason: reasonOf(cause), cause }] };
  }
}

async function compile(files: readonly SchemaFile[], { coerce }: SchemaOptions): Promise<Examined> {
  const draft = draftOf(files[0]?.value);
  if (draft === undefined) return { ok: false, problems: files.slice(0, 1).map(unknownDraft) };
  const warnings: string[] = [];
  const ajv = await createAjv(draft, coerce, (warning) => warnings.push(warning));
  const isSchema = schemaOfSchemas(draft, ajv);
  const unsound = files.flatMap((file) => problemsOf(file, draft, isSchema));
  if (unsound.length > 0) return { ok: false, problems: unsound };
  const knownFormats = Object.keys(ajv.formats);
  const unknownFormats = formatsIn(files.map(({ value }) => value)).filter(
    (name) => !knownFormats.includes(name),
  );
  // JSON Schema takes an unknown format for an annotation; ajv would refuse it.
  for (const name of unknownFormats) ajv.addFormat(name, true);
  const [schema = true, ...others] = linked(files);
  for (const [index, other] of others.entries()) ajv.addSchema(other, files[index + 1]?.base);
  const validate = ajv.compile(typeof schema === 'object' ? { ...schema, $schema: draft } : schema);
  const keywords = misspelledKeywords(unknownKeywords(warnings), Object.keys(ajv.RULES.keywords));
  const formats = misspelledFormats(unknownFormats, knownFormats);
  const problems = misspelled(files, { keywords, formats });
  if (problems.length > 0) return { ok: false, problems };
  if (isEndless(validate)) return { ok: false, problems: [{ reason: ENDLESS }] };
  return { ok: true, validate, files };
}

const ENDLESS = 'it refers to itself without end';

/** Whether it asks for itself again of the same value, as `$ref: "#"` does. */
function isEndless(validate: ValidateFunction): boolean {
  try {
    validate(null);
    return false;
  } catch (thrown) {
    if (thrown instanceof RangeError) return true;
    throw thrown;
  }
}

/** What keeps one file from being a schema, each at its place. */
function problemsOf(
  file: SchemaFile,
  draft: Draft,
  isSchema: ValidateFunction,
): readonly SchemaProblem[] {
  const { value, locate } = file;
  if (draftOf(value, draft) !== draft)
    return [{ reason: OTHER_DRAFT, location: locate(['$schema'], 'value') }];
  // Its validator would answer with a promise, which counts as a yes.
  if (typeof value === 'object' && '$async' in value)
    return [{ reason: '$async is not part of JSON Schema', location: locate(['$async'], 'key') }];
  if (isSchema(value)) return brokenPatterns(file);
  return dedupeErrors(isSchema.errors ?? []).map((error) => {
    const { pointer, part } = instancePathOf(error);
    return { reason: WORDING.open(error), location: locate(pointer, part) };
  });
}

/** A schema is no secret: what is wrong in it may be shown. */
const WORDING = createWording([]);

const OTHER_DRAFT = 'it is of another draft than the schema that refers to it';

/** One ajv a schema, so that two files may have the same `$id`. */
async function createAjv(
  draft: Draft,
  coerceTypes: boolean,
  warn: (warning: string) => void,
): Promise<Ajv> {
  const logger = { log: warn, warn, error: warn };
  const options: Options = { ...SCHEMA_OPTIONS, coerceTypes, logger };
  const { default: formats } = await import('ajv-formats');
  const ajv = await createDraft(draft, options);
  formats.default(ajv);
  for (const [name, { pattern }] of Object.entries(SCHEMA_FORMATS)) ajv.addFormat(name, pattern);
  return ajv;
}

async function createDraft(draft: Draft, options: Options): Promise<Ajv> {
  if (draft === DRAFTS.draft2020) {
    const { Ajv2020 } = await import('ajv/dist/2020.js');
    return new Ajv2020(options);
  }
  const { Ajv } = await import('ajv');
  return new Ajv(options);
}

/** Written with or without the empty fragment, and often with the wrong one of http and https. */
function draftOf(
  schema: SchemaData | undefined,
  otherwise: Draft = DRAFTS.draft2020,
): Draft | undefined {
  const named = namedDraft(schema);
  if (named === undefined) return otherwise;
  return Object.values(DRAFTS).find((draft) => bareOf(draft) === bareOf(String(named)));
}

function namedDraft(schema: SchemaData | undefined): unknown {
  return typeof schema === 'object' ? schema.$schema : undefined;
}

function unknownDraft({ value, locate }: SchemaFile): SchemaProblem {
  const location = locate(['$schema'], 'value');
  return { reason: `its $schema is ${namedDraft(value)}`, location };
}

function bareOf(url: string): string {
  return url.replace(/^https?:/, '').replace(/#$/, '');
}
