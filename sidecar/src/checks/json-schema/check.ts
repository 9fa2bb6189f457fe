import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type Issue, locateIssues } from '@lastgood/core/model/issue.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import type { Part, Pointer, ValuePath } from '@lastgood/core/model/pointer.ts';
import { suggestion } from '../../settings/did-you-mean.ts';
import { listFindings, mergeResults } from '../check-result.ts';
import { examineSchema } from './compile.ts';
import { readModule } from './module.ts';
import { lenientPatterns, readPattern } from './regular-expression.ts';
import { isModule, type SchemaFile, subjectOf } from './schema-file.ts';
import { patternsIn, type Subschema, subschemasOf } from './walk.ts';

/**
 * Checks whether a schema can be used. Gives an error for each reason why not, in its file and those that
 * it refers to, else a warning for each probable mistake. A module is run, and only checked to export a
 * schema. In the order of files and lines, and bounded. Never rejects.
 *
 * @param path - as the findings name it, absolute or relative to the working directory
 */
export async function checkSchema(path: string): Promise<readonly Finding[]> {
  const absolute = resolve(path);
  const examined = isModule(absolute)
    ? await readModule(absolute)
    : await examineSchema(absolute, readFile);
  const findings = examined.ok
    ? (await Promise.all(('files' in examined ? examined.files : []).map(warningsOf))).flat()
    : examined.issues.map((issue) => {
        const { code, args, at = { file: path } } = issue;
        return findingOf(code, [subjectOf(issue, path), ...args], at);
      });
  return listFindings(mergeResults([{ findings }])).map((finding) =>
    finding.location?.file === absolute
      ? { ...finding, location: { ...finding.location, file: path } }
      : finding,
  );
}

/** A schema that can be used, but probably does not mean this. */
function schemaWarning(message: string, pointer: Pointer, part: Part): Issue<ValuePath> {
  const at = { pointer, part };
  return { code: 'LG_SETTINGS_SCHEMA_DOUBT', args: [message], severity: 'warning', at };
}

const BOUNDS: readonly (readonly [lower: string, upper: string])[] = [
  ['minimum', 'maximum'],
  ['exclusiveMinimum', 'exclusiveMaximum'],
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
  ['minContains', 'maxContains'],
  ['minProperties', 'maxProperties'],
];

/** Keywords that may restrict the type of a value. */
const TYPING = [
  'type',
  '$ref',
  '$dynamicRef',
  'enum',
  'const',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
];

/** Finds what is valid in a schema but probably a mistake. */
async function warningsOf({ path, value, base, locate }: SchemaFile): Promise<readonly Finding[]> {
  const subschemas = subschemasOf(value, base);
  const issues = subschemas.flatMap((subschema) => [
    ...untyped(subschema),
    ...neverPresent(subschema),
    ...neverAllowed(subschema),
    ...crossedBounds(subschema),
  ]);
  const all = [...issues, ...lenientPatterns(subschemas), ...(await slowPatterns(subschemas))];
  return locateIssues(all, { path, secret: false }, ({ pointer, part }) => locate(pointer, part));
}

/** A text has no properties, so it breaks no rule about them. */
function untyped({ schema, pointer, isPartial }: Subschema): readonly Issue<ValuePath>[] {
  if (isPartial || !('properties' in schema) || TYPING.some((keyword) => keyword in schema))
    return [];
  const message = 'properties without "type": "object" accepts every value that is not an object';
  return [schemaWarning(message, [...pointer, 'properties'], 'key')];
}

/** A key that is both required and not allowed. */
function neverPresent({ schema, pointer }: Subschema): readonly Issue<ValuePath>[] {
  const { required, properties, patternProperties, additionalProperties } = schema;
  if (additionalProperties !== false || !Array.isArray(required)) return [];
  const known = Object.keys(isMapping(properties) ? properties : {});
  const patterns = Object.keys(isMapping(patternProperties) ? patternProperties : {});
  const isKnown = (key: string) =>
    known.includes(key) || patterns.some((pattern) => readPattern(pattern).regex.test(key));
  return required.flatMap((key, index) => {
    if (isKnown(key)) return [];
    const message = `required names "${key}", which additionalProperties does not allow${suggestion(key, known)}`;
    return [schemaWarning(message, [...pointer, 'required', index], 'value')];
  });
}

/** Values of `enum` and `const` that `type` does not allow. */
function neverAllowed({ schema, pointer }: Subschema): readonly Issue<ValuePath>[] {
  if (schema.type === undefined) return [];
  const types = [schema.type].flat();
  const inList = (Array.isArray(schema.enum) ? schema.enum : []).map(
    (value, index) => [value, ['enum', index]] as const,
  );
  const alone = 'const' in schema ? [[schema.const, ['const']] as const] : [];
  return [...inList, ...alone]
    .filter(([value]) => !typesOf(value).some((type) => types.includes(type)))
    .map(([, at]) => {
      const message = `${at[0]} has a value that is not of type ${types.join(' or ')}`;
      return schemaWarning(message, [...pointer, ...at], 'value');
    });
}

function typesOf(value: unknown): readonly string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  return Number.isInteger(value) ? ['integer', 'number'] : [typeof value];
}

function crossedBounds({ schema, pointer }: Subschema): readonly Issue<ValuePath>[] {
  return BOUNDS.flatMap(([lower, upper]) => {
    const [min, max] = [schema[lower], schema[upper]];
    if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return [];
    const message = `${lower} ${min} is more than ${upper} ${max}, so no value fits`;
    return [schemaWarning(message, [...pointer, lower], 'value')];
  });
}

async function slowPatterns(
  subschemas: readonly Subschema[],
): Promise<readonly Issue<ValuePath>[]> {
  const patterns = subschemas.flatMap(patternsIn);
  if (patterns.length === 0) return [];
  const isSlow = await createIsSlow();
  const message =
    'the pattern repeats a repetition, and may take extremely long on a text that almost matches';
  return patterns
    .filter(({ pattern }) => isSlow(pattern))
    .map(({ pointer, part }) => schemaWarning(message, pointer, part));
}

/** Enough for any pattern that people write; a pattern that needs more counts as slow. */
const MAX_STEPS = 20_000;

/**
 * Creates a check for patterns whose time may double with each letter of a text. They have a repetition
 * inside a repetition, which safe-regex2 finds quickly; most of these are harmless, such as `(/[^/]+)+`,
 * which redos-detector proves. Both are loaded only to check a schema.
 */
export async function createIsSlow(): Promise<(pattern: string) => boolean> {
  const [{ safeRegex }, { isSafePattern }] = await Promise.all([
    import('safe-regex2'),
    import('redos-detector'),
  ]);
  return (pattern) => {
    if (safeRegex(pattern, { limit: Number.POSITIVE_INFINITY })) return false;
    try {
      return !isSafePattern(pattern, {
        unicode: !readPattern(pattern).isLenient,
        maxSteps: MAX_STEPS,
        downgradePattern: true,
      }).safe;
    } catch {
      // The library cannot read it, for example a named group.
      return false;
    }
  };
}
