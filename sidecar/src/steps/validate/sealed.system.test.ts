import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../../test/property.ts';
import { PLANTED, SCHEMA } from './sealed.testing.ts';
import {
  check,
  fileOf,
  PATIENT,
  ruleSettings,
  schemaFile,
  snapshotOf,
} from './snapshot.testing.ts';
import { createValidator } from './validator.ts';

test('P8: whatever a secret holds, findings say nothing but what the schema and lastgood say', async (t) => {
  const validate = await createValidator([check('*', { schema: await schemaFile(t, SCHEMA) })], {
    limits: PATIENT,
  });
  const around = fc.string({
    unit: fc.constantFrom(...'a: -\n{}[]"\'&*!|%,'.split('')),
    maxLength: 12,
  });
  const content = fc.array(fc.oneof(around, fc.constant(PLANTED)), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(content, fc.constantFrom('a.yaml', 'a.json'), async (parts, path) => {
      const { findings } = await validate(snapshotOf(fileOf(path, parts.join(''), true)));
      assert.equal(JSON.stringify(findings).includes(PLANTED), false);
    }),
    { numRuns: 3000 },
  );
});

/** Names of files, and what a text in each of their formats is made of. */
const NAMES: readonly string[] = [
  ...['a.yaml', 'a.json', 'a.json5', 'a.jsonc', 'a.toml', 'a.ini', 'a.properties', 'a.env'],
  ...['.dockerconfigjson', 'tls.crt', 'tls.key', 'password', 'a.txt'],
];
const PIECES: readonly string[] = [
  ...'a=:-\n{}[]"\'#;,%$`\\ '.split(''),
  ...['export ', '-----BEGIN CERTIFICATE-----\n', '-----END ', '"auths":', '"auth":', ' = ', ': '],
  ...['aHVudGVyMg==', '\r\n', '\t', '1', 'null', '[x]\n', '{{', '<<<<<<< HEAD\n', 'CHANGE_ME'],
];

test('P8: whichever check reads a secret, nothing of it is shown', async () => {
  const rules = [
    ruleSettings('self.a == 1'),
    ruleSettings('self == oldSelf', 'it cannot change'),
    ruleSettings('self.a.b + "a" == self.a'),
  ];
  const settings = [
    check('*', { rules }),
    check('a.txt', { format: 'shell' as const }),
    { keys: '*', schema: undefined, rules },
    { rules },
    { shape: 'same' as const },
    { traps: 'error' as const },
  ];
  const validate = await createValidator(settings, { limits: PATIENT });
  const part = fc.oneof(fc.constantFrom(...PIECES), fc.constant(PLANTED));
  const content = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''));
  const files = fc.dictionary(fc.constantFrom(...NAMES), content, { minKeys: 1, maxKeys: 4 });
  const bundleOf = (texts: Readonly<Record<string, string>>, version: string) => ({
    ...snapshotOf(...Object.entries(texts).map(([path, text]) => fileOf(path, text, true))),
    version: `sha256:${version}` as const,
  });
  let findingCount = 0;
  await fc.assert(
    fc.asyncProperty(files, files, async (before, now) => {
      const active = bundleOf(before, 'before');
      const { findings } = await validate(bundleOf(now, 'now'), { lastGood: active, active });
      findingCount += findings.length;
      assert.doesNotMatch(JSON.stringify(findings), /hunter2|aHVudGVyMg/);
    }),
    { numRuns: 2000 },
  );
  assert.ok(findingCount > 2000);
});
