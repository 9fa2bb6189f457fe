import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MODEL, MODEL_SCHEMA } from './model.testing.ts';
import { check, fileOf, ruleSettings, saidOf, schemaFile, snapshotOf } from './snapshot.testing.ts';
import { createValidator } from './validator.ts';

const PLANTED = 'hunter2';

/** Malformed and schema-breaking content with the secret in every place where a text can stand. */
const TEMPLATES = [
  '%',
  '%: 1',
  '%: 1\n%: 2',
  'a: !% 1',
  'a: !!% {}',
  'a: !<%> []',
  'a: !%!x 1',
  'a: !x%9z 1',
  'a: *%',
  'a: &% [*%]',
  'a: &% 1\nb: !!int *%',
  'a: !!int %',
  'a: b: %',
  'a: "%',
  "a: '%\nb",
  'a: "\\%"',
  'a: [%',
  'a: {%: 1 %: 2}',
  '\t%: 1',
  'a: 1\n %: 2\n% 3',
  'a: @%',
  'a: |%',
  '%%\n---\n',
  '%TAG ! %\n---\na: !% 1',
  '? [%]\n: 1',
  '<<: %',
  '<<: [{%: 1}, %]',
  '{"%": 1, "%": 2}',
  '{"%": %}',
  '{"a": "%',
  '{"a": "\\%"}',
  '{"a": 1} %',
  '[%, "%",]',
  '{"a": {"%": {"__proto__": "%"}}}',
  'model: %',
  'model: {name: "% !", task: %, num_labels: %, checkpoint: "% %", %: 1}',
  'inference: {device: %, precision: %, batching: {%: 1}, caching: {ttl_s: %, "%": %}}',
  'monitoring: {"% 1": 1, port: %, api_key: %}',
  'map: {%: {%: {a: %, 7: %}}}\nlist: [{%: 1}, %]',
];

const SCHEMA = {
  ...MODEL_SCHEMA,
  required: ['model'],
  properties: {
    ...MODEL_SCHEMA.properties,
    map: {
      propertyNames: { maxLength: 3 },
      additionalProperties: {
        unevaluatedProperties: false,
        additionalProperties: {
          propertyNames: { enum: ['z'] },
          additionalProperties: { const: 1 },
        },
      },
    },
    list: { contains: { const: 'x' }, items: { oneOf: [{ type: 'null' }, { const: 'y' }] } },
  },
};

for (const path of ['config.yaml', 'config.json'])
  test(`P8: no finding of a secret ${path} tells anything of its content`, async (t) => {
    const schema = await schemaFile(t, SCHEMA);
    const validate = await createValidator([check('*', { schema })]);
    let findingCount = 0;
    for (const template of TEMPLATES) {
      const content = template.replaceAll('%', PLANTED);
      const { findings } = await validate(snapshotOf(fileOf(path, content, true)));
      findingCount += findings.length;
      assert.equal(JSON.stringify(findings).includes(PLANTED), false, JSON.stringify(findings));
    }
    assert.ok(findingCount >= TEMPLATES.length - 2, String(findingCount));
  });

test('P8: the same content in no secret is shown, so that the test above can fail', async (t) => {
  const checks = [check('*', { schema: await schemaFile(t, SCHEMA) })];
  const shown = await Promise.all(
    TEMPLATES.map((each) => saidOf(fileOf('config.yaml', each.replaceAll('%', PLANTED)), checks)),
  );
  assert.ok(shown.filter((lines) => lines.join().includes(PLANTED)).length > 10);
});

test('P8: whatever a secret holds, findings say nothing but what the schema and lastgood say', async (t) => {
  const validate = await createValidator([check('*', { schema: await schemaFile(t, SCHEMA) })]);
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

test('of a secret, the names that the schema itself gives are shown, and other keys are not', async (t) => {
  const schema = await schemaFile(t, SCHEMA);
  const content = MODEL.replace('num_labels: 2', 'num_labels: 1').replace('port: 9090', 'port: 1');
  const lines = await saidOf(
    fileOf('config.yaml', `${content}map: {abcd: {efg: {h: 2}}}\n`, true),
    [check('*', { schema })],
  );
  assert.deepEqual(
    lines.map((line) => line.replace(' [LG_VALIDATE_SCHEMA]', '')),
    [
      'config.yaml:4:15: /model/num_labels must be >= 2',
      'config.yaml:27:9: /monitoring/port must be >= 1024',
      'config.yaml:29:7: /map key must have at most 3 characters',
      'config.yaml:29:20: /map/*/* key must be equal to one of the allowed values',
      'config.yaml:29:23: /map/*/*/* must be 1',
    ],
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
  const validate = await createValidator(settings);
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
