import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toJsonSchema } from '@lastgood/core/schema/to-json-schema.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { validateInTime } from '../../sdk/src/values/schema.ts';
import { loadAppSchema } from '../../sidecar/src/checks/json-schema/load.ts';
import { relaxSchema } from '../../sidecar/src/checks/json-schema/relax.ts';
import { fc } from '../property.ts';

/** Values of files, and of keys, that schemas may take for something else. */
const SCALARS: readonly unknown[] = [
  ...[null, true, false, 0, 1, -1, 2, 3, 5, 64, 65, 1.5, 0.1, 0.3, 1.11, 1e21, 1e-7],
  ...[Number.POSITIVE_INFINITY, Number.NaN, Number.MAX_SAFE_INTEGER, 2 ** 53 + 2],
  ...['', ' ', 'a', 'A', ' a ', 'a\n', 'abc', 'ABC', '  abcdef  ', 'b', 'small', 'Small', 'x-a'],
  ...['1', '5', ' 5 ', '05', '0x10', '1e3', '-1', '5432', '64', '65', 'true', 'yes', 'on', 'null'],
  ...['😀', '😀😀', 'é', 'a@b.co', 'A@B.CO', 'not an email', 'https://a.b/c', 'http:x', 'x:y'],
  ...['::ffff:1.2.3.4', 'fe80::1%eth0', '2001:db8::/32', 'dGVz dA==', 'dGVzdA', 'a_-8', 'a.b.c'],
  ...['https://ü.example/', '2024-01-01', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00', '12:30'],
  ...['12:30:15', 'PT5S', '127.0.0.1', '::1', '10.0.0.0/8', 'dGVzdA==', '#fff', '#FFF', 'a.b'],
  ...['7c9e6679-7425-40de-944b-e07fc1f90ae7', '7C9E6679-7425-40DE-944B-E07FC1F90AE7', '5s', '[1]'],
];

const VALUES: readonly unknown[] = [
  ...SCALARS,
  ...[[], [1], [1, 1], ['a'], ['a', 1], [1, 2, 3], [[1]], [{ a: 1 }], {}, { b: 1 }, { a: 1, b: 2 }],
  ...SCALARS.flatMap((a) => [{ a }, { a, b: 1 }, [a], { kind: 'a', a }, { kind: 'b', a: [a] }]),
  ...[
    { kind: 'c' },
    { a: { a: { a: {} } } },
    { a: { a: 1 } },
    { a: { b: 'x' } },
    { s_a: 1, x: 'y' },
  ],
];

const trimmed = () => z.string().trim();
interface Tree {
  readonly a?: Tree | undefined;
}
const tree: z.ZodType<Tree> = z.lazy(() => z.object({ a: tree.optional() }));

const ZOD: Readonly<Record<string, z.ZodType>> = {
  string: z.string().min(2).max(3),
  trim: trimmed().min(1).max(3),
  trimRegex: trimmed().regex(/^[a-z]+$/),
  lower: z
    .string()
    .toLowerCase()
    .regex(/^[a-z]+$/),
  lowerEnum: trimmed()
    .toLowerCase()
    .pipe(z.enum(['small', 'a'])),
  flags: z.string().regex(/^abc$/i),
  twoPatterns: z.string().regex(/^a/i).regex(/c$/i),
  dot: z.string().regex(/^..$/),
  number: z.number().min(1).max(64),
  int: z.int().positive(),
  multiple: z.number().multipleOf(0.01),
  multipleInt: z.number().multipleOf(2),
  coerceNumber: z.coerce.number().min(1).max(64),
  coerceInt: z.coerce.number().int().max(64),
  coerceString: z.coerce.string().min(2),
  coerceBoolean: z.coerce.boolean(),
  coerceBigint: z.coerce.bigint(),
  coerceDate: z.coerce.date(),
  stringbool: z.stringbool(),
  preprocess: z.preprocess(Number, z.number().min(5)),
  transform: z.string().transform(Number).pipe(z.number().max(64)),
  loneTransform: z.transform(Number),
  overwriteNumber: z.number().overwrite(Math.round).int().max(64),
  mutate: z.string().check((payload) => {
    payload.value = payload.value.trim();
  }, z.maxLength(3)),
  caught: z.number().catch(5),
  caughtInside: z.object({ a: z.number().max(3).catch(5) }),
  fallbackOfFallback: z.string().min(3).catch('x').optional(),
  default: z.object({ a: z.number().default(5), b: z.number().prefault(6) }),
  nullable: z.object({ a: z.string().nullable(), b: z.number().nullish() }),
  optional: z.object({ a: z.string().optional(), b: z.unknown() }),
  exact: z.object({ a: z.string().exactOptional() }),
  strict: z.strictObject({ a: z.number() }),
  loose: z.looseObject({ a: z.number() }),
  catchall: z.object({ a: z.number() }).catchall(z.coerce.number()),
  nested: z.object({ a: z.array(z.coerce.number()).min(1) }),
  list: z.array(z.string()).max(2),
  tuple: z.tuple([z.string(), z.number().optional()]),
  rest: z.tuple([z.coerce.number()], z.number()),
  record: z.record(z.string(), z.coerce.number()),
  enumRecord: z.record(z.enum(['a', 'b']), z.unknown()),
  partialRecord: z.partialRecord(z.enum(['a', 'b']), z.number()),
  looseRecord: z.looseRecord(z.string().regex(/^S_/i), z.number()),
  numberRecord: z.record(z.coerce.number(), z.unknown()),
  trimRecord: z.record(z.string().trim().max(1), z.unknown()),
  union: z.union([z.coerce.number(), z.string()]),
  xor: z.xor([z.coerce.number().max(3), z.email()]),
  formats: z.xor([z.email(), z.url()]),
  discriminated: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('a'), a: z.coerce.number() }),
    z.object({ kind: z.literal('b'), a: z.array(z.coerce.boolean()) }),
  ]),
  intersection: z.intersection(
    z.object({ a: z.coerce.number() }),
    z.looseObject({ b: z.number() }),
  ),
  recordIntersection: z.intersection(z.partialRecord(z.enum(['a', 'b']), z.number()), z.unknown()),
  strictIntersection: z.intersection(
    z.strictObject({ a: z.number() }),
    z.strictObject({ b: z.number() }),
  ),
  literal: z.literal(['a', 1, null, true]),
  big: z.bigint(),
  date: z.date(),
  custom: z.custom<string>((value) => typeof value === 'string'),
  refined: z.object({ a: z.number() }).refine(({ a }) => a > 1),
  superRefined: z
    .string()
    .superRefine(() => {})
    .min(2),
  email: z.email(),
  lowerEmail: z.email().toLowerCase().max(6),
  url: z.url(),
  uuid: z.uuid(),
  guid: z.guid(),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
  cidr: z.union([z.cidrv4(), z.cidrv6()]),
  base64url: z.base64url(),
  base64: z.base64(),
  isoDate: z.iso.date(),
  isoDateTime: z.iso.datetime(),
  isoLocal: z.iso.datetime({ local: true }),
  isoTime: z.iso.time(),
  isoDuration: z.iso.duration(),
  template: z.templateLiteral([z.number(), 's']),
  format: z.stringFormat('even', (text) => text.length % 2 === 0),
  preprocessInside: z.object({ a: z.preprocess(String, z.string()), b: z.coerce.string() }),
  coerceInside: z.object({ a: z.coerce.boolean(), b: z.coerce.number().nullable() }),
  lazyInside: z.object({ a: z.lazy(() => z.number().optional()) }),
  unionInside: z.object({ a: z.union([z.number().catch(1), z.string()]) }),
  customInside: z.object({ a: z.custom<string>(() => true), b: z.any().transform(String) }),
  readonly: z.array(z.coerce.number()).readonly(),
  branded: z.coerce.number().brand('size').describe('how many').meta({ id: 'size' }),
  codec: z.codec(z.iso.datetime(), z.date(), {
    decode: (text) => new Date(text),
    encode: (date) => date.toISOString(),
  }),
  json: z.json(),
  tree,
  file: z.file(),
  success: z.success(z.number()),
  nan: z.nan(),
  infinite: z.number().max(Number.POSITIVE_INFINITY),
  never: z.object({ a: z.never().optional() }),
  promise: z.promise(z.number()),
  map: z.map(z.string(), z.number()),
  async: z.string().refine(async () => true),
  set: z.set(z.number()),
  undefined: z.object({ a: z.undefined(), b: z.void() }),
  words: z.string().startsWith('[').includes('1').endsWith(']'),
  upper: z.string().uppercase(),
  normalized: z.string().normalize('NFD').length(2),
  float: z.float32(),
  int32: z.int32(),
  emoji: z.emoji(),
  hostname: z.hostname(),
  hex: z.hex(),
  jwt: z.jwt(),
  nanoid: z.nanoid(),
  phone: z.e164(),
  nonempty: z.array(z.unknown()).nonempty(),
  uniqueList: z
    .array(z.number())
    .overwrite((list) => [...new Set(list)])
    .max(1),
  partial: z.object({ a: z.number(), b: z.number() }).partial(),
  required: z.object({ a: z.number().optional() }).required(),
};

const lowered = () => v.pipe(v.string(), v.trim(), v.toLowerCase());

const VALIBOT: Readonly<Record<string, v.GenericSchema>> = {
  string: v.pipe(v.string(), v.minLength(2), v.maxLength(3)),
  trim: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(3)),
  lower: v.pipe(lowered(), v.regex(/^[a-z]+$/)),
  lowerPicklist: v.pipe(lowered(), v.picklist(['a', 'small'])),
  flags: v.pipe(v.string(), v.regex(/^abc$/i)),
  slug: v.pipe(v.string(), v.hexColor()),
  number: v.pipe(v.number(), v.minValue(1), v.maxValue(64)),
  toNumber: v.pipe(v.string(), v.transform(Number), v.number(), v.maxValue(64)),
  clamped: v.pipe(v.number(), v.toMaxValue(64), v.maxValue(64)),
  integer: v.pipe(v.number(), v.integer(), v.multipleOf(2)),
  multiple: v.pipe(v.number(), v.multipleOf(0.01)),
  fallback: v.fallback(v.number(), 5),
  fallbackPipe: v.fallback(v.pipe(v.number(), v.maxValue(3)), 1),
  fallbackInside: v.object({ a: v.fallback(v.number(), 5) }),
  fallbackPipeInside: v.object({ a: v.fallback(v.pipe(v.number(), v.maxValue(3)), 1) }),
  fallbackPipeLazy: v.object({ a: v.lazy(() => v.fallback(v.pipe(v.number(), v.maxValue(3)), 1)) }),
  fallbackPipeInPipe: v.array(
    v.pipe(v.fallback(v.pipe(v.string(), v.minLength(3)), 'xyz'), v.maxLength(5)),
  ),
  pipeOfFallback: v.pipe(v.fallback(v.string(), 'xyz'), v.minLength(3)),
  optional: v.object({ a: v.optional(v.number(), 5), b: v.nullish(v.number()) }),
  object: v.object({ a: v.optional(v.string()) }),
  strict: v.strictObject({ a: v.number() }),
  loose: v.looseObject({ a: v.optional(v.number()) }),
  rest: v.objectWithRest({ a: v.number() }, v.fallback(v.number(), 1)),
  record: v.record(v.string(), v.number()),
  recordOfKeys: v.record(v.picklist(['a', 'b']), v.unknown()),
  trimRecord: v.record(v.pipe(v.string(), v.trim(), v.maxLength(1)), v.unknown()),
  list: v.pipe(v.array(v.number()), v.maxLength(2)),
  filtered: v.pipe(
    v.array(v.unknown()),
    v.filterItems((each) => each === 1),
    v.maxLength(1),
  ),
  tuple: v.tuple([v.string(), v.optional(v.number())]),
  variant: v.variant('kind', [
    v.object({ kind: v.literal('a'), a: v.fallback(v.number(), 1) }),
    v.object({ kind: v.literal('b'), a: v.unknown() }),
  ]),
  union: v.union([v.number(), v.pipe(v.string(), v.trim(), v.length(1))]),
  intersect: v.intersect([v.object({ a: v.unknown() }), v.object({ b: v.number() })]),
  nullable: v.nullable(v.number()),
  date: v.date(),
  custom: v.custom<string>((value) => typeof value === 'string'),
  check: v.pipe(
    v.string(),
    v.check((text) => text.length > 2),
    v.minLength(2),
  ),
  not: v.pipe(v.string(), v.notValue('a')),
  email: v.pipe(v.string(), v.email()),
  url: v.pipe(v.string(), v.url()),
  iso: v.pipe(v.string(), v.isoDateTime()),
  isoTime: v.pipe(v.string(), v.isoTime()),
  readonly: v.pipe(v.string(), v.readonly(), v.minLength(2)),
  parsed: v.pipe(v.string(), v.parseJson(), v.array(v.number())),
  never: v.object({ a: v.optional(v.never()) }),
  values: v.pipe(v.number(), v.values([1, 2])),
  nanValue: v.nan(),
};

const ARKTYPE: Readonly<Record<string, StandardSchemaV1>> = {
  string: type('2 <= string <= 3'),
  number: type('1 <= number <= 64'),
  infinite: type('number > 3'),
  integer: type('number.integer'),
  multiple: type('number % 2'),
  parse: type('string.numeric.parse'),
  parseTo: type('string.numeric.parse').to('number < 64'),
  trim: type('string.trim').to('string <= 3'),
  lower: type('string.lower'),
  preformatted: type('string.lower.preformatted'),
  flags: type(/^abc$/i),
  flagsInside: type({ a: /^abc$/i }),
  pattern: type(/^a/).and(/c$/),
  objectOfAny: type('object'),
  object: type({ 'a?': 'string' }),
  needed: type({ a: 'number', 'b?': 'number' }),
  default: type({ a: 'number = 5' }),
  reject: type({ '+': 'reject', a: 'unknown' }),
  remove: type({ '+': 'delete', a: 'unknown' }),
  record: type({ '[string]': 'number' }),
  patternRecord: type({ '[/^s_/]': 'number' }),
  patternsRecord: type({ '[/^s_/ & /x$/]': 'number' }),
  list: type('(number|string)[] <= 2'),
  tuple: type(['string', 'number?']),
  variadic: type(['...', 'string[]', 'number']),
  union: type("'a' | 'b' | number[]"),
  discriminated: type({ kind: "'a'", a: 'string.numeric.parse' }).or({
    kind: "'b'",
    a: 'unknown[]',
  }),
  date: type('Date'),
  email: type('string.email'),
  url: type('string.url'),
  uuid: type('string.uuid'),
  ip: type('string.ip'),
  iso: type('string.date.iso'),
  isoParse: type('string.date.iso.parse'),
  json: type('string.json.parse'),
  semver: type('string.semver'),
  narrow: type('string').narrow((text) => text.length > 2),
  pipe: type('string').pipe(Number),
  bigint: type({ a: 'bigint' }),
  nothing: type({ 'a?': 'never' }),
};

const SCHEMAS: readonly (readonly [string, StandardSchemaV1])[] = [
  ...Object.entries(ZOD).map(([name, schema]) => [`zod ${name}`, schema] as const),
  ...Object.entries(VALIBOT).map(
    ([name, schema]) => [`valibot ${name}`, toStandardJsonSchema(schema) as never] as const,
  ),
  ...Object.entries(ARKTYPE).map(([name, schema]) => [`arktype ${name}`, schema] as const),
];

/** Schemas of zod in each other. */
const { ofZod } = fc.letrec<{ ofZod: z.ZodType }>((tie) => ({
  ofZod: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...Object.values(ZOD)),
    tie('ofZod').map((inner) => inner.optional()),
    tie('ofZod').map((inner) => inner.nullable()),
    tie('ofZod').map((inner) => inner.readonly()),
    tie('ofZod').map((inner) => z.array(inner)),
    tie('ofZod').map((inner) => z.lazy(() => inner)),
    tie('ofZod').map((inner) => inner.transform((value) => [value])),
    tie('ofZod').map((inner) => inner.pipe(z.unknown())),
    tie('ofZod').map((inner) => z.preprocess((value) => value, inner)),
    tie('ofZod').map((inner) => inner.catch(undefined)),
    tie('ofZod').map((inner) => z.record(z.string(), inner)),
    tie('ofZod').map((inner) => z.record(z.enum(['a', 'b']), inner)),
    fc.tuple(tie('ofZod'), tie('ofZod')).map((pair) => z.union(pair)),
    fc.tuple(tie('ofZod'), tie('ofZod')).map((pair) => z.xor(pair)),
    fc.tuple(tie('ofZod'), tie('ofZod')).map(([a, b]) => z.intersection(a, b)),
    fc.tuple(tie('ofZod'), tie('ofZod')).map(([a, b]) => z.object({ a, b })),
    fc.tuple(tie('ofZod'), tie('ofZod')).map(([a, b]) => z.strictObject({ a, b })),
    fc.tuple(tie('ofZod'), tie('ofZod')).map(([a, b]) => z.tuple([a, b])),
    fc.tuple(tie('ofZod'), tie('ofZod')).map(([a, b]) => z.object({ a }).catchall(b)),
  ),
}));

/** Schemas of valibot in each other. */
const { ofValibot } = fc.letrec<{ ofValibot: v.GenericSchema }>((tie) => {
  const inner = tie('ofValibot');
  const two = fc.tuple(inner, inner);
  return {
    ofValibot: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(...Object.values(VALIBOT)),
      inner.map((one) => v.optional(one)),
      inner.map((one) => v.nullish(one)),
      inner.map((one) => v.array(one)),
      inner.map((one) => v.lazy(() => one)),
      inner.map((one) => v.fallback(one, null)),
      inner.map((one) => v.pipe(one, v.transform(String), v.maxLength(3))),
      inner.map((one) => v.pipe(v.unknown(), one)),
      inner.map((one) => v.record(v.string(), one)),
      two.map((pair) => v.union(pair)),
      two.map((pair) => v.intersect(pair)),
      two.map((pair) => v.tuple(pair)),
      two.map((pair) => v.strictTuple(pair)),
      two.map(([a, b]) => v.object({ a, b })),
      two.map(([a, b]) => v.strictObject({ a, b })),
      two.map(([a, rest]) => v.objectWithRest({ a }, rest)),
    ),
  };
});

/** The schema in the sidecar, or why it stays in the app. */
async function guardOf(schema: StandardSchemaV1) {
  const converted = toJsonSchema(schema);
  if (!converted.ok) return converted.reason;
  const text = Buffer.from(JSON.stringify(relaxSchema(converted.schema)));
  const loaded = await loadAppSchema('/app/a.schema.json', text);
  return 'reason' in loaded ? loaded.reason : loaded.check;
}

async function takes(schema: StandardSchemaV1, value: unknown): Promise<boolean> {
  try {
    return (await validateInTime(schema, value, 60_000)).issues === undefined;
  } catch {
    return false;
  }
}

interface Compared {
  /** What the app takes and the sidecar refuses. */
  readonly wrong: readonly string[];
  readonly refusedByApp: number;
  readonly refusedBySidecar: number;
}

/** Undefined, or with a reason, if the schema stays in the app. */
async function compare(schema: StandardSchemaV1): Promise<Compared | string> {
  const check = await guardOf(schema);
  if (typeof check === 'string') return check;
  const wrong: string[] = [];
  let [refusedByApp, refusedBySidecar] = [0, 0];
  for (const value of VALUES) {
    const { issues } = check(structuredClone(value), false);
    if (issues.length > 0) refusedBySidecar += 1;
    const isTaken = await takes(schema, structuredClone(value));
    if (!isTaken) refusedByApp += 1;
    else if (issues.length > 0) wrong.push(`${JSON.stringify(value)}: ${issues[0]?.args[0]}`);
  }
  return { wrong, refusedByApp, refusedBySidecar };
}

test('P11 the sidecar refuses nothing that the app takes, and most of what it refuses', async () => {
  const wrong: string[] = [];
  const alone: string[] = [];
  let [refusedByApp, refusedBySidecar] = [0, 0];
  for (const [name, schema] of SCHEMAS) {
    const compared = await compare(schema);
    if (typeof compared === 'string') {
      alone.push(name);
      continue;
    }
    wrong.push(...compared.wrong.slice(0, 3).map((each) => `${name} ${each}`));
    refusedByApp += compared.refusedByApp;
    refusedBySidecar += compared.refusedBySidecar;
  }
  assert.deepEqual(wrong, []);
  assert.ok(refusedBySidecar > refusedByApp * 0.7, `${refusedBySidecar} of ${refusedByApp}`);
  assert.deepEqual(alone, [
    'zod infinite',
    'valibot fallbackPipeInside',
    'valibot fallbackPipeLazy',
    'valibot fallbackPipeInPipe',
    'arktype flags',
    'arktype flagsInside',
    'arktype patternsRecord',
    'arktype nothing',
  ]);
});

async function assertHarmless(schema: StandardSchemaV1): Promise<void> {
  const compared = await compare(schema);
  if (typeof compared !== 'string') assert.deepEqual(compared.wrong.slice(0, 3), []);
}

const RUNS = 60;

test('P11 the same for schemas of zod in each other', async () => {
  await fc.assert(fc.asyncProperty(ofZod, assertHarmless), { numRuns: RUNS });
});

test('P11 the same for schemas of valibot in each other', async () => {
  const property = fc.asyncProperty(ofValibot, async (schema) => {
    await assertHarmless(toStandardJsonSchema(schema) as unknown as StandardSchemaV1);
  });
  await fc.assert(property, { numRuns: RUNS });
});
