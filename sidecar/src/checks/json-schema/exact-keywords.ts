import { hash } from 'node:crypto';
import { exactAt } from '@lastgood/core/model/exact-integers.ts';
import type { Ajv, FuncKeywordDefinition } from 'ajv';
import type { DataValidateFunction } from 'ajv/dist/types/index.js';
import type { Subschema } from './walk.ts';

/** A value in its list or mapping. */
interface Placed {
  readonly parent: unknown;
  readonly key: string | number;
  readonly value: unknown;
}

/** Creates the check of a keyword for its value in the schema. */
type CreateCheck = (keyword: Placed) => (data: Placed) => boolean;

/**
 * Replaces the keywords of ajv that compare numbers. ajv compares doubles, to which 1161888007138312192 and
 * …193 are equal, and 1.11 is no multiple of 0.01. These compare the numbers as they are written. Duplicate
 * items are found in one pass, where ajv compares each with each.
 */
export function addExactKeywords(ajv: Ajv, schemas: readonly Subschema[]): void {
  for (const keyword of Object.keys(KEYWORDS)) {
    // ajv's own, which is faster, is exact where doubles hold the wanted values exactly.
    if (COMPARING.includes(keyword) && !schemas.some(({ schema }) => isInexact(schema[keyword])))
      continue;
    replaceKeyword(ajv, keyword, KEYWORDS);
  }
}

/** For the schema of an app: its numbers are doubles, and a library may count characters or UTF-16 units. */
export function addLenientKeywords(ajv: Ajv): void {
  replaceKeyword(ajv, 'uniqueItems', KEYWORDS);
  for (const keyword of Object.keys(LENIENT)) replaceKeyword(ajv, keyword, LENIENT);
}

type Definition = Partial<FuncKeywordDefinition> & { readonly create: CreateCheck };

function replaceKeyword(
  ajv: Ajv,
  keyword: string,
  { [keyword]: definition }: Readonly<Record<string, Definition>>,
): void {
  if (definition === undefined) return;
  const { create, ...rest } = definition;
  ajv.removeKeyword(keyword);
  const compile = (value: unknown, parent: unknown): DataValidateFunction => {
    const check = create({ parent, key: keyword, value });
    return (data, context) =>
      check({ parent: context?.parentData, key: context?.parentDataProperty ?? '', value: data });
  };
  ajv.addKeyword({ errors: false, ...rest, keyword, compile });
}

/** The keywords that compare with values of the schema. */
const COMPARING = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'const', 'enum'];

/** Whether the value of a keyword has a number that a double may not hold, or a collection. */
function isInexact(wanted: unknown): boolean {
  const values = Array.isArray(wanted) ? wanted : [wanted];
  // JSON Schema allows an empty `enum`, ajv does not.
  if (values.length === 0) return true;
  return values.some((value) =>
    typeof value === 'number'
      ? Math.abs(value) > Number.MAX_SAFE_INTEGER
      : typeof value === 'object' && value !== null,
  );
}

const KEYWORDS: Readonly<Record<string, Definition>> = {
  // JavaScript compares a bigint with a number exactly.
  minimum: ofNumber((value, limit) => value >= limit),
  maximum: ofNumber((value, limit) => value <= limit),
  exclusiveMinimum: ofNumber((value, limit) => value > limit),
  exclusiveMaximum: ofNumber((value, limit) => value < limit),
  multipleOf: ofNumber(isMultiple),
  const: {
    error: { message: 'must be equal to constant' },
    create: (keyword) => {
      const wanted = keyOf(keyword);
      return (data) => keyOf(data) === wanted;
    },
  },
  enum: {
    schemaType: 'array',
    error: { message: 'must be equal to one of the allowed values' },
    create: ({ value }) => {
      const items = itemsOf(value);
      const allowed = new Set(items.map(keyOf));
      const hasCollections = items.some(isCollection);
      return (data) => (hasCollections || !isCollection(data)) && allowed.has(keyOf(data));
    },
  },
  uniqueItems: {
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not have duplicate items' },
    create: (keyword) => (data) => keyword.value !== true || !findDuplicate(data.value),
  },
};

function ofNumber(holds: (value: number | bigint, wanted: number | bigint) => boolean): Definition {
  return {
    type: 'number',
    schemaType: 'number',
    create: (keyword) => {
      const wanted = numberAt(keyword);
      return (data) => holds(numberAt(data), wanted);
    },
  };
}

const LENIENT: Readonly<Record<string, Definition>> = {
  multipleOf: {
    ...ofNumber(isMultiple),
    create:
      ({ value: of }) =>
      (data) =>
        isNearMultiple(Number(data.value), Number(of)) || isMultiple(numberAt(data), Number(of)),
  },
  minLength: {
    type: 'string',
    schemaType: 'number',
    create:
      ({ value: min }) =>
      ({ value }) =>
        String(value).length >= Number(min),
  },
};

function isCollection({ value }: Placed): boolean {
  return typeof value === 'object' && value !== null;
}

function numberAt({ parent, key, value }: Placed): number | bigint {
  return exactAt(parent, key) ?? (value as number);
}

/** Whether a number is a multiple of another one, both as they are written in decimal. */
export function isMultiple(value: number | bigint, of: number | bigint): boolean {
  // Neither infinity nor NaN is a decimal.
  if (!/\d$/.test(String(value))) return false;
  const [a, b] = [decimalOf(value), decimalOf(of)];
  const exponent = Math.min(a.exponent, b.exponent);
  const [one, other] = [a, b].map((each) => each.digits * 10n ** BigInt(each.exponent - exponent));
  return other !== undefined && one !== undefined && other !== 0n && one % other === 0n;
}

/** As far as doubles tell, also of a quotient that they round. zod 4.3 takes whatever has an exponent. */
function isNearMultiple(value: number, of: number): boolean {
  if (String(value).includes('e')) return true;
  const quotient = value / of;
  const bound = 2 * Number.EPSILON * Math.max(1, Math.abs(quotient));
  return Math.abs(quotient - Math.round(quotient)) <= bound;
}

/** `1.5e-7` is 15 × 10^-8. */
function decimalOf(value: number | bigint): { readonly digits: bigint; readonly exponent: number } {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** Longer texts are hashed, since a file may repeat a long item many times. */
const MAX_TEXT = 256;

/** What two values share if they are equal to JSON Schema: 1 and 1.0 are, whatever the order of keys. */
function keyOf(placed: Placed): string | number {
  const { value } = placed;
  // The usual values without a copy of them. No other text begins with a quotation mark.
  if (typeof value === 'string') return `"${value}`;
  return Number.isSafeInteger(value) ? (value as number) : canonical(placed);
}

/** Text of a value, for `keyOf` and within the text of a collection. */
function canonical(placed: Placed): string {
  const { value } = placed;
  if (typeof value === 'number') {
    const number = numberAt(placed);
    return String(Number.isInteger(number) ? BigInt(number) : number);
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const items = itemsOf(value);
  const text = Array.isArray(value)
    ? `[${items.map(canonical).join()}]`
    : `{${items
        .map((item) => `${JSON.stringify(item.key)}:${canonical(item)}`)
        .sort()
        .join()}}`;
  return text.length > MAX_TEXT ? `#${hash('sha256', text)}` : text;
}

function itemsOf(parent: unknown): readonly Placed[] {
  return Object.entries(parent as object).map(([key, value]) => ({ parent, key, value }));
}

/** The indexes of the first item that is in the list before, and of the item that it equals. */
export function findDuplicate(list: unknown): readonly [number, number] | undefined {
  const seen = new Map<string | number, number>();
  const parent = list as readonly unknown[];
  for (const [i, value] of parent.entries()) {
    const item = keyOf({ parent, key: i, value });
    const j = seen.get(item);
    if (j !== undefined) return [j, i];
    seen.set(item, i);
  }
  return undefined;
}
