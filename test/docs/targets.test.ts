import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetsPage } from './unusual-answers.ts';

test('docs/targets.md shows the recorded outcomes of unusual answers', () => {
  const { actual, expected } = targetsPage();
  assert.equal(actual, expected, 'node test/docs/unusual-answers.ts --write');
});
