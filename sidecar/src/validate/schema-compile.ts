import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv';
import { LastgoodError, reasonOf } from '../errors.ts';
import type { SchemaSettings } from '../settings/settings.ts';
import { type SchemaData, type SchemaDocument, unusable } from './schema-file.ts';
import { SCHEMA_FORMATS } from './schema-formats.ts';
import {
  formatsIn,
  misspelledFormat,
  misspelledKeyword,
  unknownKeywords,
} from './schema-misspelling.ts';
import { DRAFTS, type Draft, schemaOfSchemas } from './schema-of-schemas.ts';
import { placeOf } from './schema-place.ts';

/**
 * Strict about what would check something else than its author thinks, lenient about style:
 * - `strictSchema: 'log'` tells of unknown keywords, which `misspelledKeyword` judges. Schemas from
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

/**
 * The compiled schema, by the draft that `$schema` names; 2020-12 if it names none. Rejects with
 * `LG_SETTINGS_SCHEMA` when it is not a valid schema, refers to what is not in it, or holds a word
 * that is a misspelled keyword or format and so would check nothing.
 */
export async function compileSchema(
  schema: SchemaDocument,
  settings: SchemaSettings,
): Promise<ValidateFunction> {
  try {
    return await compile(schema, settings);
  } catch (cause) {
    if (cause instanceof LastgoodError) throw cause;
    throw unusable(settings, reasonOf(cause), { cause });
  }
}

async function compile(
  document: SchemaDocument,
  settings: SchemaSettings,
): Promise<ValidateFunction> {
  const { value: schema } = document;
  // Its validator would answer with a promise, which counts as a yes.
  if (typeof schema === 'object' && '$async' in schema)
    throw new Error('$async is not part of JSON Schema');
  const warnings: string[] = [];
  const $schema = draftOf(schema);
  const ajv = await createAjv($schema, (warning) => warnings.push(warning));
  const isSchema = schemaOfSchemas($schema, ajv);
  if (!isSchema(schema)) throw unsound(document, settings, isSchema.errors ?? []);
  const knownFormats = Object.keys(ajv.formats);
  const unknownFormats = formatsIn(schema).filter((name) => !knownFormats.includes(name));
  // JSON Schema takes an unknown format for an annotation; ajv would refuse it.
  for (const name of unknownFormats) ajv.addFormat(name, true);
  const validate = ajv.compile(typeof schema === 'object' ? { ...schema, $schema } : schema);
  const misspelling =
    misspelledKeyword(unknownKeywords(warnings), Object.keys(ajv.RULES.keywords)) ??
    misspelledFormat(unknownFormats, knownFormats);
  if (misspelling !== undefined) throw new Error(misspelling);
  return validate;
}

/** Told at the place of the first error; the draft's own schema says most of them several times. */
function unsound(
  document: SchemaDocument,
  settings: SchemaSettings,
  errors: readonly ErrorObject[],
): LastgoodError {
  const [first, ...others] = new Map(
    errors.map((error) => [`${error.instancePath} ${error.message}`.trim(), error]),
  );
  if (first === undefined) throw new RangeError('an unsound schema without an error');
  const [message, error] = first;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const { pointer, part } = placeOf(error);
  const location = { file: settings.path, ...document.locate(pointer, part) };
  return unusable(settings, `${message}${more}`, { location });
}

/** One ajv a schema, so that two files may have the same `$id`. */
async function createAjv(draft: Draft, warn: (warning: string) => void): Promise<Ajv> {
  const options: Options = { ...SCHEMA_OPTIONS, logger: { log: warn, warn, error: warn } };
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
function draftOf(schema: SchemaData): Draft {
  const named = typeof schema === 'object' ? schema.$schema : undefined;
  if (named === undefined) return DRAFTS.draft2020;
  const found = Object.values(DRAFTS).find((draft) => bareOf(draft) === bareOf(String(named)));
  if (found === undefined) throw new Error(`its $schema is ${named}`);
  return found;
}

function bareOf(url: string): string {
  return url.replace(/^https?:/, '').replace(/#$/, '');
}
