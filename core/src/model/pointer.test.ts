import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePointer, valueAt } from './pointer.ts';

const DOCUMENT = { routes: [{ path: '/a' }], 'a/b': { '~': null } };

test('a pointer leads through keys and indexes to a value', () => {
  assert.equal(valueAt(DOCUMENT, []), DOCUMENT);
  assert.equal(valueAt(DOCUMENT, ['routes', 0, 'path']), '/a');
  assert.equal(valueAt(DOCUMENT, parsePointer('/routes/0/path')), '/a');
  assert.equal(valueAt(DOCUMENT, parsePointer('/a~1b/~0')), null);
});

test('properties that the document does not have are not values', () => {
  for (const pointer of [
    '/gone',
    '/constructor',
    '/routes/1',
    '/routes/length',
    '/routes/0/path/0/x',
  ])
    assert.equal(valueAt(DOCUMENT, parsePointer(pointer)), undefined, pointer);
});
