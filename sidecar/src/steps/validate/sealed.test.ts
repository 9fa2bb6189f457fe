import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MODEL } from './model.testing.ts';
import { PLANTED, SCHEMA } from './sealed.testing.ts';
import { check, fileOf, saidOf, schemaFile, snapshotOf } from './snapshot.testing.ts';
import { createValidator } from './validator.ts';

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
  const validate = await createValidator([check('*', { schema: await schemaFile(t, SCHEMA) })]);
  let shownCount = 0;
  for (const template of TEMPLATES) {
    const content = template.replaceAll('%', PLANTED);
    const { findings } = await validate(snapshotOf(fileOf('config.yaml', content)));
    if (JSON.stringify(findings).includes(PLANTED)) shownCount += 1;
  }
  assert.ok(shownCount > 10, String(shownCount));
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
