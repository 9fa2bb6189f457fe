import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costOf, isCheapPattern } from './cheap-schema.ts';

function calm(...schemas: readonly (object | boolean)[]): boolean {
  const cost = costOf(
    schemas.map((value) => ({
      value,
      base: 'file:///schema.json',
      path: '/schema.json',
      locate: () => ({ file: '/schema.json' }),
    })) as unknown as Parameters<typeof costOf>[0],
  );
  return Number.isFinite(cost);
}

test('usual schemas are cheap to check', () => {
  assert.ok(
    calm({
      type: 'object',
      properties: {
        name: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' },
        labels: { type: 'array', items: { type: 'string' }, uniqueItems: true },
        models: { type: 'array', items: { $ref: '#/$defs/model' } },
      },
      $defs: { model: { type: 'object', properties: { device: { enum: ['cpu'] } } } },
    }),
  );
});

test('a reference that leads back, or out of the file, is not', () => {
  const node = { properties: { next: { $ref: '#/$defs/node' } } };
  assert.equal(calm({ $defs: { node }, $ref: '#/$defs/node' }), false);
  assert.equal(calm({ properties: { next: { $ref: '#' } } }), false);
  const a = { properties: { b: { $ref: '#/$defs/b' } } };
  const b = { properties: { a: { $ref: '#/$defs/a' } } };
  assert.equal(calm({ $defs: { a, b } }), false);
  assert.equal(calm({ $ref: 'other.json' }), false);
  assert.equal(calm({ $dynamicRef: '#node' }), false);
  assert.equal(calm({ type: 'object' }, { type: 'string' }), false);
});

test('references that double with each step are not, though none leads back', () => {
  const doubling = (depth: number) => {
    const entries = Array.from({ length: depth }, (_, step) => {
      const next = { $ref: `#/$defs/s${step + 1}` };
      return [`s${step}`, { anyOf: [next, next] }];
    });
    return { $defs: { ...Object.fromEntries(entries), [`s${depth}`]: { type: 'null' } } };
  };
  assert.equal(calm(doubling(5)), true);
  assert.equal(calm(doubling(60)), false);
});

test('a format whose expression may take the square of a length is not', () => {
  assert.equal(calm({ properties: { a: { format: 'url' } } }), false);
  assert.equal(calm({ properties: { a: { format: 'uri' } } }), true);
});

test('a pattern that may take long is not', () => {
  for (const pattern of ['^(a+)+$', '(a|b)*c', '(ab){2,}', '(?=a)b', '(?<!a)b', '(a)\\1', 'a*b*c*'])
    assert.equal(isCheapPattern(pattern), false, pattern);
  for (const pattern of [
    '^[a-z]+$',
    '^v\\d+$',
    '^(cpu|cuda(:\\d)?)$',
    '^(?:a?)[bc]{0,63}$',
    '^(x|y(:[0-9]+)?)$',
    '[*+|]',
    '.',
  ])
    assert.equal(isCheapPattern(pattern), true, pattern);
  assert.equal(calm({ patternProperties: { '^(x+x+)+y$': {} } }), false);
});

test('a pattern that may take the square of a length, or more, is not', () => {
  for (const pattern of [
    '\\S+@\\S+\\.com',
    '^\\S+@\\S+$',
    '^v\\d+\\.\\d+$',
    'a+b',
    '^x|a+b',
    '^\\(|a+b',
    '^[(]|a+b',
    '(^x)|a+b',
    'a{3,}b',
    `^${'@?'.repeat(20)}$`,
    `^${'(@|@)'.repeat(10)}$`,
  ])
    assert.equal(isCheapPattern(pattern), false, pattern);
});
