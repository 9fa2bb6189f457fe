import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsPage } from './settings-page.ts';

test('docs/settings.md has every key as the schema has it', () => {
  const { actual, expected } = settingsPage();
  assert.equal(actual, expected, 'run: node test/docs/settings-page.ts --write');
});
