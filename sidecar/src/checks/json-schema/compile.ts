import { reasonOf } from '@lastgood/core/model/error.ts';
import type { Ajv, ErrorObject, Options, ValidateFunction } from 'ajv';
import { runWithTimeout, TIMED_OUT } from '../../io/process/run-with-timeout.ts';
import { TooHeavyHere } from '../too-heavy-here.ts';
import { dedupeErrors, formatError, valuePathOf } from './ajv-errors.ts';
import { countErrorsIn, ErrorBudget, isFull, TooManyErrors } from './error-budget.ts';
import { addExactKeywords, addLenientKeywords } from './exact-keywords.ts';
import { acceptPlainUris, SCHEMA_FORMATS } from './formats.ts';
import { DRAFTS, type Draft, schemaOfSchemas } from './meta-schema.ts';
import { findMisspellings, formatsIn, unknownKeywords } from './misspelling.ts';
import { gatherSchemas, linked } from './refs.ts';
import { isRegularExpression, readLoosely, readPattern } from './regular-expression.ts';
import {
  failed,
  type ReadSchema,
  type SchemaData,
  type SchemaFile,
  type SchemaIssue,
  type SchemaRead,
  schemaIssue,
} from './schema-file.ts';
import { knownErrors } from './tagged.ts';
import { patternsIn, subschemasOf } from './walk.ts';

/**
 * Strict about mistakes that would disable a check, lenient about style:
 * - `strictSchema: 'log'` reports unknown keywords to `findMisspellings`. Real schemas are full of valid
 *   annotations (`x-order`, `markdownDescription`).
 * - `strictTypes`, `strictTuples` and `strictRequired` are rules of style, so they stay off.
 * - `ownProperties`: otherwise every object would seem to have a key `constructor`.
 * - `verbose` gives each error its value.
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

/** Libraries take infinite numbers. Code of a part is not repeated wherever a `$ref` leads to it. */
const APP_OPTIONS = { strictNumbers: false, inlineRefs: false } as const satisfies Options;

/** The schema of an app comes while the sidecar runs, in little memory. */
const MAX_APP_ERRORS = 1_000;

interface Validation {
  readonly validate: ValidateFunction;
  readonly budget: ErrorBudget;
}

/** How a schema is compiled. */
export interface CompileOptions {
  /** Convert text to the number or boolean that the schema requires, in the value itself. */
  readonly coerce?: boolean;
  /**
   * It is the schema of an app, relaxed: it refuses only what each reader refuses, and a misspelled keyword is not
   * a mistake of the settings.
   */
  readonly isOfApp?: boolean;
  /** For the main thread, which it blocks. */
  readonly withinMs?: number | undefined;
}

/** A compiled schema, or why it cannot be used. */
export type Examined = SchemaRead<
  Validation & {
    /** The schema and those that it refers to. */
    readonly files: readonly SchemaFile[];
  }
>;

/**
 * Reads and compiles a schema file, by the draft that its `$schema` names, 2020-12 by default. It fails
 * if the schema or a file that it refers to is not a valid schema, if the target of a `$ref` does not
 * exist, or if a misspelled keyword or format would check nothing. Rejects only with `TooHeavyHere`, if
 * it takes longer than `withinMs`.
 */
export async function examineSchema(
  path: string,
  read: ReadSchema,
  options: CompileOptions = {},
): Promise<Examined> {
  try {
    const gathered = await gatherSchemas(path, read);
    return gathered.ok ? await compile(gathered.files, options) : gathered;
  } catch (cause) {
    if (cause instanceof TooHeavyHere) throw cause;
    return failed(reasonOf(cause), undefined, cause);
  }
}

async function compile(files: readonly SchemaFile[], options: CompileOptions): Promise<Examined> {
  const draft = draftOf(files[0]?.value);
  if (draft === undefined) return { ok: false, issues: files.slice(0, 1).map(unknownDraft) };
  const warnings: string[] = [];
  const ajv = await createAjv(draft, options, (warning) => warnings.push(warning));
  const work = () => compileFiles(ajv, files, { draft, warnings, ...options });
  if (options.withinMs === undefined) return work();
  const examined = runWithTimeout(work, options.withinMs);
  if (examined === TIMED_OUT) throw new TooHeavyHere();
  return examined;
}

function compileFiles(
  ajv: Ajv,
  files: readonly SchemaFile[],
  { draft, warnings, isOfApp = false }: CompileOptions & { draft: Draft; warnings: string[] },
): Examined {
  const subschemas = files.flatMap(({ value, base }) => subschemasOf(value, base));
  if (isOfApp) addLenientKeywords(ajv);
  else addExactKeywords(ajv, subschemas);
  const budget = new ErrorBudget();
  budget.attach(ajv);
  const isSchema = schemaOfSchemas(draft, ajv);
  const unsound = files.flatMap((file) => issuesIn(file, draft, isSchema));
  if (unsound.length > 0) return { ok: false, issues: unsound };
  const knownFormats = Object.keys(ajv.formats);
  const unknownFormats = formatsIn(files.map(({ value }) => value)).filter(
    (name) => !knownFormats.includes(name),
  );
  // To JSON Schema an unknown format is an annotation; ajv would refuse it.
  for (const name of unknownFormats) ajv.addFormat(name, true);
  const [schema = true, ...others] = linked(files);
  for (const [index, other] of others.entries()) ajv.addSchema(other, files[index + 1]?.base);
  // No copy: it would lose the exact integers of the schema.
  if (typeof schema === 'object') schema.$schema = draft;
  const validate = ajv.compile(schema);
  const keywords = { unknown: unknownKeywords(warnings), known: Object.keys(ajv.RULES.keywords) };
  const formats = { unknown: unknownFormats, known: knownFormats };
  const issues = isOfApp ? [] : findMisspellings(files, keywords, formats);
  if (issues.length > 0) return { ok: false, issues };
  return isEndless({ validate, budget }, isOfApp ? MAX_APP_ERRORS : Infinity)
    ? failed('it refers to itself without end')
    : { ok: true, validate, budget, files };
}

/** Whether it checks the same value against itself again. With too many errors before that, the check says so. */
function isEndless(validation: Validation, maxErrors: number): boolean {
  try {
    return errorsOf(null, validation, maxErrors) === undefined;
  } catch (thrown) {
    if (thrown instanceof TooManyErrors) return false;
    throw thrown;
  }
}

/** The errors of a value, and how many more there are. */
export interface Errors {
  readonly errors: readonly ErrorObject[];
  readonly leftOut: number;
}

/**
 * The errors of a value. Undefined if the schema checks the same value against itself again, as
 * `$ref: "#"` does. That ends in a RangeError, which the depth of a value never causes. Throws
 * `TooManyErrors` if there are more than `max`, also in alternatives that do not count.
 */
export function errorsOf(
  value: unknown,
  { validate, budget }: Validation,
  max: number,
): Errors | undefined {
  budget.reset(max);
  try {
    if (validate(value)) return { errors: [], leftOut: 0 };
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
  const all = validate.errors ?? [];
  // ajv would otherwise keep the errors, and so the values, until the next validation.
  validate.errors = null;
  const full = all.filter(isFull);
  const known = knownErrors(full, value);
  if (known.length === 0) return { errors: [], leftOut: 0 };
  return { errors: dedupeErrors(known), leftOut: all.length - full.length };
}

/** Why one file is not a schema. */
function issuesIn(
  file: SchemaFile,
  draft: Draft,
  isSchema: ValidateFunction,
): readonly SchemaIssue[] {
  const { value, locate } = file;
  if (draftOf(value, draft) !== draft) {
    const reason = 'it has another draft than the schema that refers to it';
    return [schemaIssue(reason, locate(['$schema'], 'value'))];
  }
  // Its validator would return a promise, which counts as accepted.
  if (typeof value === 'object' && '$async' in value)
    return [schemaIssue('$async is not part of JSON Schema', locate(['$async'], 'key'))];
  if (isSchema(value)) return brokenPatterns(file);
  return dedupeErrors((isSchema.errors ?? []).filter(isFull)).map((error) => {
    const { pointer, part } = valuePathOf(error);
    return schemaIssue(formatError(error, value), locate(pointer, part));
  });
}

/** The patterns that are not regular expressions to ajv. */
function brokenPatterns({ value, base, locate }: SchemaFile): readonly SchemaIssue[] {
  return subschemasOf(value, base)
    .flatMap(patternsIn)
    .flatMap(({ pattern, pointer, part }) => {
      try {
        readPattern(pattern);
        return [];
      } catch (thrown) {
        return [schemaIssue(reasonOf(thrown), locate(pointer, part))];
      }
    });
}

/** One ajv for each schema, so that two files may have the same `$id`. */
async function createAjv(
  draft: Draft,
  { coerce = false, isOfApp = false }: CompileOptions,
  warn: (warning: string) => void,
): Promise<Ajv> {
  const logger = { log: warn, warn, error: warn };
  const read = isOfApp ? readLoosely : (pattern: string) => readPattern(pattern).regex;
  const code = { regExp: Object.assign(read, { code: 'new RegExp' }), process: countErrorsIn };
  const options: Options = { ...SCHEMA_OPTIONS, coerceTypes: coerce, logger, code };
  if (isOfApp) Object.assign(options, APP_OPTIONS);
  const { default: formats } = await import('ajv-formats');
  const AjvOfDraft =
    draft === DRAFTS.draft2020
      ? (await import('ajv/dist/2020.js')).Ajv2020
      : (await import('ajv')).Ajv;
  const ajv = new AjvOfDraft(options);
  formats.default(ajv);
  acceptPlainUris(ajv);
  ajv.addFormat('regex', isRegularExpression);
  for (const [name, { pattern }] of Object.entries(SCHEMA_FORMATS)) ajv.addFormat(name, pattern);
  return ajv;
}

/** People write it with or without the empty fragment, and often mix up http and https. */
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

function unknownDraft({ value, locate }: SchemaFile): SchemaIssue {
  return schemaIssue(`its $schema is ${namedDraft(value)}`, locate(['$schema'], 'value'));
}

function bareOf(url: string): string {
  return url.replace(/^https?:/, '').replace(/#$/, '');
}
