import type { Ajv, Options, ValidateFunction } from 'ajv';
import { LastgoodError, reasonOf } from '../errors.ts';
import type { SchemaData } from './schema-file.ts';
import {
  formatsIn,
  misspelledFormat,
  misspelledKeyword,
  unknownKeywords,
} from './schema-misspelling.ts';

const DRAFT_07 = 'http://json-schema.org/draft-07/schema';
const DRAFT_2020_12 = 'https://json-schema.org/draft/2020-12/schema';

/**
 * Strict about what would check something else than its author thinks, lenient about style:
 * - `strictSchema: 'log'` tells of unknown keywords, which `misspelledKeyword` judges. Schemas from
 *   the wild are full of annotations (`x-order`, `markdownDescription`) that are sound.
 * - `strictTypes`, `strictTuples` and `strictRequired` are rules of good style, and stay off.
 * - `ownProperties`: else a key `constructor` would seem to be present in every object.
 * - `verbose` gives each error the value that it is about.
 */
const OPTIONS = {
  allErrors: true,
  strict: false,
  strictSchema: 'log',
  ownProperties: true,
  verbose: true,
} as const satisfies Options;

/**
 * The compiled schema, by the draft that `$schema` names; 2020-12 if it names none. Rejects with
 * `LG_SETTINGS_SCHEMA` when it is not a valid schema, refers to what is not in it, or holds a word
 * that is a misspelled keyword or format and so would check nothing.
 */
export async function compileSchema(schema: SchemaData, path: string): Promise<ValidateFunction> {
  try {
    return await compile(schema);
  } catch (cause) {
    throw new LastgoodError('LG_SETTINGS_SCHEMA', [path, reasonOf(cause)], { cause });
  }
}

async function compile(schema: SchemaData): Promise<ValidateFunction> {
  // Its validator would answer with a promise, which counts as a yes.
  if (typeof schema === 'object' && '$async' in schema)
    throw new Error('$async is not part of JSON Schema');
  const warnings: string[] = [];
  const $schema = draftOf(schema);
  const ajv = await createAjv($schema, (warning) => warnings.push(warning));
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

/** One ajv a schema, so that two files may have the same `$id`. */
async function createAjv(draft: string, warn: (warning: string) => void): Promise<Ajv> {
  const options: Options = { ...OPTIONS, logger: { log: warn, warn, error: warn } };
  const { default: formats } = await import('ajv-formats');
  const ajv = await createDraft(draft, options);
  formats.default(ajv);
  return ajv;
}

async function createDraft(draft: string, options: Options): Promise<Ajv> {
  switch (draft) {
    case DRAFT_2020_12: {
      const { Ajv2020 } = await import('ajv/dist/2020.js');
      return new Ajv2020(options);
    }
    case DRAFT_07: {
      const { Ajv } = await import('ajv');
      return new Ajv(options);
    }
    default:
      throw new Error(`its $schema is ${draft}`);
  }
}

/** Written with or without the empty fragment, and often with the wrong one of http and https. */
function draftOf(schema: SchemaData): string {
  const named = typeof schema === 'object' ? schema.$schema : undefined;
  if (named === undefined) return DRAFT_2020_12;
  const same = (draft: string) => bareOf(draft) === bareOf(String(named));
  return [DRAFT_07, DRAFT_2020_12].find(same) ?? String(named);
}

function bareOf(url: string): string {
  return url.replace(/^https?:/, '').replace(/#$/, '');
}
