import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { STEPS } from './steps.ts';

test('every step of the pipeline is a folder of sidecar/src', () => {
  const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  assert.deepEqual(
    STEPS.filter((step) => !folders.includes(step)),
    [],
  );
});
