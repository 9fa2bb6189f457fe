import { exactAt } from '@lastgood/core/model/exact-integers.ts';
import { parsePointer, type ValuePath, valueAt } from '@lastgood/core/model/pointer.ts';
import { quote } from '@lastgood/core/model/quote.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import {
  formatPath,
  formatValueHint,
  MAX_RULE_LENGTH,
} from '@lastgood/core/schema/format-value.ts';
import type { ErrorObject } from 'ajv';
import { suggestion } from '../../settings/did-you-mean.ts';
import { findDuplicate } from './exact-keywords.ts';
import { SCHEMA_FORMATS } from './formats.ts';
import type { SchemaData } from './schema-file.ts';
import { pathsTo } from './tagged.ts';

const MAX_ALLOWED_SHOWN = 10;

/** The message of an error in a document, with the value and the keys that are wrong. */
export function formatError(error: ErrorObject, document: unknown): string {
  const pointer = parsePointer(error.instancePath);
  const exact = exactAt(valueAt(document, pointer.slice(0, -1)), pointer.at(-1) ?? '');
  const hint = valueHint(exact === undefined ? error : { ...error, data: exact });
  return `${formatPath(pointer)}${ruleOf(error, offendingKey(error))}${hint}`;
}

/**
 * The message for a secret file: without any value, and with only the keys that the schema names (P8).
 * Any other step but an index is content, and becomes `*`.
 */
export function formatSealedError(
  error: ErrorObject,
  document: unknown,
  named: ReadonlySet<string>,
): string {
  const pointer = parsePointer(error.instancePath);
  const steps = pointer.map((step, index) => {
    const isIndex = Array.isArray(valueAt(document, pointer.slice(0, index)));
    return isIndex || named.has(step) ? step : '*';
  });
  return `${formatPath(steps)}${ruleOf(error, undefined)}`;
}

/** The path of the value that is wrong, or of the key that is missing or not allowed. */
export function valuePathOf(error: ErrorObject): ValuePath {
  const pointer = parsePointer(error.instancePath);
  const key = offendingKey(error);
  if (key !== undefined) return { pointer: [...pointer, key], part: 'key' };
  if (error.keyword !== 'required') return { pointer, part: 'value' };
  return { pointer, part: 'value', missing: String(error.params.missingProperty) };
}

/** The key that the schema does not allow, if the error is about one. It is content, not schema. */
function offendingKey({ keyword, params, propertyName }: ErrorObject): string | undefined {
  if (propertyName !== undefined) return propertyName;
  switch (keyword) {
    case 'additionalProperties':
      return params.additionalProperty;
    case 'unevaluatedProperties':
      return params.unevaluatedProperty;
    case 'propertyNames':
      return params.propertyName;
    default:
      return undefined;
  }
}

/** What the value must be. Without a key, it has only the schema's own words. */
function ruleOf(error: ErrorObject, key: string | undefined): string {
  const { keyword, params, propertyName } = error;
  const message =
    countRuleOf(error) ?? numberRuleOf(error) ?? error.message ?? `must satisfy ${keyword}`;
  if (propertyName !== undefined)
    return key === undefined ? `key ${message}` : `key ${quote(key)} ${message}`;
  switch (keyword) {
    case 'type':
      return `must be ${[params.type].flat().join(' or ')}`;
    case 'enum':
      return `must be ${oneOf(error.schema as readonly unknown[])}`;
    case 'const':
      return `must be ${formatJson(error.parentSchema, keyword, error.schema)}`;
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return notAllowed(key, Object.keys(error.parentSchema?.properties ?? {}));
    case 'format':
      return `must ${mustOf(params.format)}`;
    case 'false schema':
      return 'must not be present';
    case 'uniqueItems':
      return `must not have duplicate items (/${findDuplicate(error.data)?.join(' and /')})`;
    default:
      return truncate(message, MAX_RULE_LENGTH);
  }
}

const COMPARISONS: Readonly<Record<string, string>> = {
  minimum: '>=',
  maximum: '<=',
  exclusiveMinimum: '>',
  exclusiveMaximum: '<',
  multipleOf: 'multiple of',
};

/** With all digits of a large integer. */
function numberRuleOf({ keyword, schema, parentSchema }: ErrorObject): string | undefined {
  const comparison = COMPARISONS[keyword];
  if (comparison === undefined) return undefined;
  return `must be ${comparison} ${formatJson(parentSchema, keyword, schema)}`;
}

/** A value of the schema, in its list or object. */
function formatJson(parent: unknown, key: string | number, value: unknown): string {
  return truncate(String(exactAt(parent, key) ?? JSON.stringify(value)));
}

function mustOf(format: string): string {
  const own = Object.entries(SCHEMA_FORMATS).find(([name]) => name === format);
  return own?.[1].must ?? `match format ${quote(format)}`;
}

/** What is counted, by the end of a keyword: `minItems`, `maxLength`, … */
const COUNTED = { Items: 'item', Length: 'character', Properties: 'key' } as const;

/** Instead of ajv's `must NOT have fewer than 1 items`. */
function countRuleOf({ keyword, schema: limit }: ErrorObject): string | undefined {
  const [, end, what] = /^(min|max)(Items|Length|Properties)$/.exec(keyword) ?? [];
  if (what === undefined) return undefined;
  const noun = COUNTED[what as keyof typeof COUNTED];
  return `must have at ${end === 'min' ? 'least' : 'most'} ${limit} ${noun}${limit === 1 ? '' : 's'}`;
}

function notAllowed(key: string | undefined, known: readonly string[]): string {
  if (key === undefined) return 'must not have a property that the schema does not name';
  return `must not have the property ${quote(key)}${suggestion(key, known)}`;
}

function oneOf(values: readonly unknown[]): string {
  if (values.length === 0) return 'absent, as its enum is empty';
  const shown = values
    .slice(0, MAX_ALLOWED_SHOWN)
    .map((value, index) => formatJson(values, index, value));
  const more = values.length - shown.length;
  return `one of ${shown.join(', ')}${more > 0 ? ` or ${more} more` : ''}`;
}

/** ` (is 128)`, if the error is about the value. */
function valueHint({ data, keyword, instancePath, propertyName }: ErrorObject): string {
  if (propertyName !== undefined) return '';
  if (typeof data !== 'object' || data === null)
    return formatValueHint(data, parsePointer(instancePath).at(-1));
  if (keyword !== 'type') return '';
  return Array.isArray(data) ? ' (is an array)' : ' (is an object)';
}

/** Every property that schemas name, at any depth. */
export function namesIn(schemas: readonly SchemaData[]): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { properties, required } = value as Record<string, unknown>;
    const keys =
      typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
    for (const name of [...keys, ...(Array.isArray(required) ? required : [])])
      names.add(String(name));
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(schemas);
  return names;
}

/** Keywords whose error only repeats that there are errors inside. */
const WRAPPERS: readonly string[] = ['if', 'anyOf', 'oneOf', 'propertyNames'];

/**
 * Drops redundant errors: those of a wrapper with inner errors, and those of each item that `contains`
 * tried. Of alternatives with different types, one error stays that names all types. At least one error
 * always stays.
 */
export function dedupeErrors(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const tried = errors.filter(({ keyword }) => keyword === 'contains');
  const kept = errors.filter((error) => !tried.some((by) => isInside(error, by)));
  const wrappers = kept.filter(isWrapper);
  if (wrappers.length === 0) return kept;
  const inner = joinTypes(
    kept.filter((error) => !isWrapper(error)),
    wrappers,
  );
  const paths = new Set(inner.flatMap(({ instancePath }) => pathsTo(instancePath)));
  return [...inner, ...wrappers.filter(({ instancePath }) => !paths.has(instancePath))];
}

function isInside({ schemaPath }: ErrorObject, { schemaPath: outer }: ErrorObject): boolean {
  return schemaPath.startsWith(`${outer}/`);
}

/** A `oneOf` with too many fitting alternatives has no inner errors, so its own error stays. */
function isWrapper({ keyword, params }: ErrorObject): boolean {
  return WRAPPERS.includes(keyword) && !Array.isArray(params.passingSchemas);
}

/**
 * `must be object` and `must be null` become `must be object or null`. They are dropped if an alternative
 * fits the value's type and has errors inside: then `null` was only the other alternative.
 */
function joinTypes(
  errors: readonly ErrorObject[],
  wrappers: readonly ErrorObject[],
): readonly ErrorObject[] {
  const paths = new Set(wrappers.map(({ instancePath }) => instancePath));
  const isChoice = ({ keyword, instancePath }: ErrorObject) =>
    keyword === 'type' && paths.has(instancePath);
  const others = errors.filter((error) => !isChoice(error));
  const covered = new Set(others.flatMap(({ instancePath }) => pathsTo(instancePath)));
  const choices = Map.groupBy(errors.filter(isChoice), ({ instancePath }) => instancePath);
  const joined = [...choices]
    .filter(([path]) => !covered.has(path))
    .flatMap(([, [first, ...rest]]) => (first === undefined ? [] : [joinedType(first, rest)]));
  return [...others, ...joined];
}

function joinedType(first: ErrorObject, rest: readonly ErrorObject[]): ErrorObject {
  const types = [first, ...rest].flatMap(({ params }) => params.type as string | string[]);
  return { ...first, params: { type: [...new Set(types)] } };
}
