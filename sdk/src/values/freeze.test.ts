import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepFreeze } from './freeze.ts';

test('lists and plain objects are frozen to the bottom, below a frozen one too', () => {
  const value = { list: [{ a: 1 }], inner: Object.freeze({ open: { b: [1] } }), none: null };
  assert.equal(deepFreeze(value), value);
  for (const part of [value, value.list, value.list[0], value.inner.open, value.inner.open.b])
    assert.ok(Object.isFrozen(part));
});

test('what a schema makes of a class stays usable', () => {
  const value = deepFreeze({ when: new Date(0), bytes: Buffer.from('a'), map: new Map() });
  value.map.set(1, 2);
  assert.equal(value.map.get(1), 2);
});

test('a value that contains itself has an end', () => {
  const value: { self?: unknown } = {};
  value.self = value;
  assert.ok(Object.isFrozen(deepFreeze(value)));
});
