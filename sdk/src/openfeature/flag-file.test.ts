import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlagdCore, MemoryStorage } from '@openfeature/flagd-core';
import { fc } from '../../../test/property.ts';
import { FLAG_FILE } from './flag-file.ts';

const LOGGER = { debug() {}, info() {}, warn() {}, error() {} };

function validate(file: unknown) {
  const result = FLAG_FILE['~standard'].validate(file);
  assert.ok(!(result instanceof Promise));
  return result;
}

const KEY = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toString', '');
const OPERATOR = fc.constantFrom(
  ...['if', 'var', '==', 'in', 'cat', '+', 'map', 'reduce', 'some', 'missing', 'try', 'throw'],
  ...['fractional', 'sem_ver', 'ends_with', '$ref', '__proto__', 'constructor'],
);
const { rule: RULE } = fc.letrec<{ rule: unknown }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 1 }),
    fc.dictionary(OPERATOR, tie('rule'), { minKeys: 1, maxKeys: 2 }),
    fc.array(tie('rule'), { maxLength: 4 }),
  ),
}));
const METADATA = fc.dictionary(fc.constantFrom('team', 'ticket'), fc.string());
const FLAG = fc.record(
  {
    state: fc.constantFrom('ENABLED', 'DISABLED', 'ON'),
    variants: fc.dictionary(KEY, fc.jsonValue({ maxDepth: 1 })),
    defaultVariant: KEY,
    targeting: RULE,
    metadata: METADATA,
  },
  { requiredKeys: ['state', 'variants'] },
);
const FILE = fc.record(
  {
    flags: fc.dictionary(KEY, fc.oneof({ weight: 9, arbitrary: FLAG }, fc.jsonValue())),
    $evaluators: fc.oneof(fc.dictionary(KEY, RULE), fc.jsonValue()),
    metadata: METADATA,
  },
  { requiredKeys: ['flags'] },
);

/** What flagd itself makes of a file. */
function loadWithFlagd(file: unknown): FlagdCore {
  const storage = new MemoryStorage(LOGGER, { disableDynamicCodeGeneration: true });
  storage.setConfigurations(JSON.stringify(file));
  return new FlagdCore(storage, LOGGER);
}

test('whatever a file has, it is refused with a reason, or each flag has the answer of flagd', () => {
  const property = fc.property(fc.oneof(FILE, fc.jsonValue()), (file) => {
    const result = validate(file);
    if (result.issues !== undefined) {
      assert.ok(result.issues.length > 0);
      for (const { message } of result.issues) assert.notEqual(message, '');
      return;
    }
    const flagd = loadWithFlagd(file);
    const context = { targetingKey: 'user' };
    for (const key of ['a', '__proto__', 'constructor', 'missing'])
      for (const type of ['boolean', 'string', 'number', 'object'] as const)
        assert.deepEqual(
          result.value.resolve(type, key, false, context, LOGGER),
          flagd.resolve(type, key, false, context),
        );
  });
  fc.assert(property, { numRuns: 500 });
});

/** Each rule names the next one twice. */
function nested(depth: number) {
  const rules = Array.from({ length: depth }, (_, index) => {
    const next = { $ref: `r${index + 1}` };
    return [`r${index}`, { or: [next, next] }] as const;
  });
  const targeting = { if: [{ $ref: 'r0' }, 'on'] };
  const a = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off' };
  return {
    flags: { a: { ...a, targeting } },
    $evaluators: { ...Object.fromEntries(rules), [`r${depth}`]: true },
  };
}

test('a rule may name later ones, but not so often that they fill the memory', () => {
  const result = validate(nested(3));
  assert.ok(result.issues === undefined);
  assert.equal(result.value.resolve('boolean', 'a', false, {}, LOGGER).value, true);
  const issues = [{ message: 'is too large with each $ref replaced by its rule' }];
  assert.deepEqual(validate(nested(40)).issues, issues);
  const users = { in: [{ var: 'id' }, 'x'.repeat(100_000)] };
  const { a } = nested(0).flags;
  const flags = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [index, a]));
  assert.deepEqual(validate({ flags, $evaluators: { r0: users } }).issues, issues);
});
