import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ERRORS } from '@lastgood/core/model/error-codes.ts';

/** Each code's part of a page: from its heading to the next one. */
function partsOf(name: string) {
  const page = readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
  const parts = page.split(/^### /m).slice(1);
  return parts.map((part) => [part.slice(0, part.indexOf('\n')), part] as const);
}

const parts = new Map([...partsOf('errors.md'), ...partsOf('doctor.md')]);

test('docs/errors.md and docs/doctor.md explain every code that there is, and no other', () => {
  assert.deepEqual([...parts.keys()].sort(), Object.keys(ERRORS).sort());
  const codes = Object.keys(ERRORS).filter((code) => !code.startsWith('LG_DOCTOR'));
  assert.deepEqual(
    partsOf('errors.md').map(([code]) => code),
    codes,
  );
});

test('both pages show the message and the hint of every code as they are', () => {
  for (const [code, { message, hint, step }] of Object.entries(ERRORS)) {
    const part = parts.get(code) ?? '';
    assert.ok(part.includes(`\`${message}\``), `${code}: the message`);
    assert.ok(part.includes(`\nHint: ${hint}\n`), `${code}: the hint`);
    assert.ok(part.includes(`\nStep: ${step}\n`), `${code}: the step`);
  }
});
