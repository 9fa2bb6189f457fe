import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { STEPS } from '@lastgood/core/model/steps.ts';

const CORE = new URL('../../../core/src/', import.meta.url).pathname;

test('every step of the pipeline has its folder, here or in core', () => {
  const isThere = (step: string) =>
    existsSync(`${import.meta.dirname}/${step}`) || existsSync(`${CORE}${step}`);
  assert.deepEqual(
    STEPS.filter((step) => !isThere(step)),
    [],
  );
});
