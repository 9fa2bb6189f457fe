import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DOCTOR_ERRORS } from '@lastgood/core/model/doctor-errors.ts';
import { findingsInText } from './doctor.testing.ts';
import { RULES } from './rules.ts';

/** A manifest of a rule. In a bad one, `# bad` marks the lines with a finding. */
function fixture(code: string, kind: 'bad' | 'good'): string {
  const name = code.replace('LG_DOCTOR_', '').toLowerCase().replaceAll('_', '-');
  return readFileSync(join(import.meta.dirname, 'fixtures', `${name}.${kind}.yaml`), 'utf8');
}

/** The newest version, for rules that need one. */
const MINOR = 34;

for (const { code } of RULES) {
  test(`${code} is found where its bad manifest is marked, and nowhere else`, async () => {
    const text = fixture(code, 'bad');
    const marked = text.split('\n').flatMap((line, at) => (line.includes('# bad') ? at + 1 : []));
    const findings = await findingsInText(text, 'm.yaml', MINOR);
    const found = findings.filter((each) => each.code === code);
    assert.deepEqual([...new Set(found.map(({ location }) => location.line))], marked);
  });

  test(`the good manifest of ${code} has no finding at all`, async () => {
    const findings = await findingsInText(fixture(code, 'good'), 'm.yaml', MINOR);
    assert.deepEqual(
      findings.map(({ message }) => message),
      [],
    );
  });
}

test('every code of doctor has a rule, and no two rules have the same', () => {
  const codes = [...RULES.map(({ code }) => code), 'LG_DOCTOR_IGNORE'];
  assert.deepEqual(codes, Object.keys(DOCTOR_ERRORS));
});
