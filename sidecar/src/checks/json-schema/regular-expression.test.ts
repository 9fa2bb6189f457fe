import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import {
  check,
  fileOf,
  ruleSettings,
  saidOf,
  schemaFile,
  snapshotOf,
} from '../../steps/validate/snapshot.testing.ts';
import { createValidator } from '../../steps/validate/validator.ts';
import { isRegularExpression, readPattern } from './regular-expression.ts';

test('a pattern with needless escapes is used without the flag u', () => {
  for (const pattern of ['^a\\-b$', 'a\\_b', '\\:', '\\@', 'a{,2}', '{', ']'])
    assert.equal(readPattern(pattern).isLenient, true, pattern);
  assert.ok(readPattern('^[\\w\\-]+$').regex.test('a-b'));
  assert.equal(readPattern('^\\p{L}$').isLenient, false);
  for (const broken of ['(', '[', '\\p{Nothing}', '\\p{L}\\-', '\\u{1F600}\\-'])
    assert.equal(isRegularExpression(broken), false, broken);
});

test('a schema with such patterns can be used, and warns at the start', async (t) => {
  const schema = await schemaFile(t, {
    $schema: 'http://json-schema.org/draft-07/schema#',
    patternProperties: { '^x\\-': { pattern: '^\\d+\\:\\d+$' } },
    properties: { regex: { format: 'regex' } },
    additionalProperties: false,
  });
  const warnings: Finding[] = [];
  const validate = await createValidator([check('*', { schema })], {
    onSettingsWarning: (finding) => warnings.push(finding),
  });
  const { findings } = await validate(
    snapshotOf(fileOf('a.yaml', 'x-a: "1:2"\nx-b: "1-2"\nregex: "a\\\\-b"\n')),
  );
  assert.deepEqual(findings.map(formatFinding), [
    'a.yaml:2:6: /x-b must match pattern "^\\d+\\:\\d+$" (is "1-2") [LG_VALIDATE_SCHEMA]',
  ]);
  assert.deepEqual(
    warnings.map(({ code, severity, location }) => [
      code,
      severity,
      location?.file,
      location?.line,
    ]),
    [1, 2].map(() => ['LG_SETTINGS_SCHEMA_DOUBT', 'warning', schema.path, 1]),
  );
});

test('rules in CEL accept the same escapes', async () => {
  const rules = [ruleSettings('self.a.matches("^[\\\\w\\\\-]+\\\\_\\\\:$")')];
  assert.deepEqual(await saidOf(fileOf('a.yaml', 'a: "x-y_:"\n'), [check('*', { rules })]), []);
});
