import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ERRORS } from '@lastgood/core/model/error-codes.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

/** Each code's part of the page: from its heading to the next one. */
const parts = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((part) => [part.slice(0, part.indexOf('\n')), part] as const),
);

test('docs/errors.md explains every code that there is, and no other', () => {
  assert.deepEqual([...parts.keys()], Object.keys(ERRORS));
});

test('docs/errors.md shows the message and the hint of every code as they are', () => {
  for (const [code, { message, hint, step }] of Object.entries(ERRORS)) {
    const part = parts.get(code) ?? '';
    assert.ok(part.includes(`\`${message}\``), `${code}: the message`);
    assert.ok(part.includes(`\nHint: ${hint}\n`), `${code}: the hint`);
    assert.ok(part.includes(`\nStep: ${step}\n`), `${code}: the step`);
  }
});
