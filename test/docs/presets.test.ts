import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presetsPage } from './presets-page.ts';

test('docs/presets.md says what the data of the presets says', () => {
  const { actual, expected } = presetsPage();
  assert.equal(actual, expected, 'node test/docs/presets-page.ts --write');
});
