import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { check, fileOf, ruleSettings, snapshotOf } from './snapshot.testing.ts';
import { createValidator } from './validator.ts';

const MODELS = 'models:\n  - { name: bert, replicas: 2 }\n  - { name: gpt, replicas: 1 }\n';
const ROUTES = 'default: bert\n---\ncanary: gpt\n';

function bundle(files: Readonly<Record<string, string>>, secret = false) {
  return snapshotOf(...Object.entries(files).map(([path, text]) => fileOf(path, text, secret)));
}

async function saidOf(
  rules: readonly string[],
  files: Readonly<Record<string, string>>,
  before: Readonly<Record<string, string>> | null = null,
  secret = false,
) {
  const settings = [{ rules: rules.map((rule) => ruleSettings(rule)) }, { shape: 'off' as const }];
  const validate = await createValidator(settings);
  const active = before === null ? null : bundle(before);
  const { findings } = await validate(bundle(files, secret), { lastGood: active, active });
  return findings.map((finding) => formatFinding(finding).replace(' [LG_VALIDATE_RULE]', ''));
}

const FILES = { 'models.yaml': MODELS, 'routes.yaml': ROUTES, 'notes.txt': 'hello', logo: '\0' };

test('a rule of the bundle sees each file by its path, several documents as a list', async () => {
  const holds = [
    'self["models.yaml"].models.exists(m, m.name == self["routes.yaml"][0].default)',
    'self["routes.yaml"].size() == 2',
    'self["notes.txt"] == "hello"',
    '!("logo" in self)',
  ];
  assert.deepEqual(await saidOf(holds, FILES), []);
});

test('a rule that is not true is reported at the first field that it names', async () => {
  const broken = [
    'self["routes.yaml"][1].canary == "bert"',
    'self["models.yaml"].models[1].replicas > 1',
    'self["routes.yaml"][0].missing == 1',
    'self["gone.yaml"].a == 1',
    'size(self) == 9',
  ];
  assert.deepEqual(await saidOf(broken, FILES), [
    '.: does not hold: size(self) == 9',
    'gone.yaml: cannot be evaluated (no such key): self["gone.yaml"].a == 1',
    'models.yaml:3:28: does not hold: self["models.yaml"].models[1].replicas > 1',
    'routes.yaml:1:1: cannot be evaluated (no such key missing): self["routes.yaml"][0].missing == 1',
    'routes.yaml:3:9: does not hold: self["routes.yaml"][1].canary == "bert"',
  ]);
});

test('a rule about a change runs only if there was a version before, and a value changed', async () => {
  const grows = ['self["models.yaml"].models.size() > oldSelf["models.yaml"].models.size()'];
  assert.deepEqual(await saidOf(grows, FILES), []);
  assert.deepEqual(await saidOf(grows, FILES, FILES), []);
  assert.deepEqual((await saidOf(grows, { ...FILES, 'notes.txt': 'x' }, FILES)).length, 1);
  // Another comment is no change.
  assert.deepEqual(await saidOf(grows, { ...FILES, 'models.yaml': `# a\n${MODELS}` }, FILES), []);
});

test('a file that is wrong by itself is reported alone', async () => {
  const rule = 'self["models.yaml"].models.size() > 5';
  assert.deepEqual(await saidOf([rule], { ...FILES, 'routes.yaml': 'a: [' }), [
    'routes.yaml:1:4: a bracket is not closed [LG_VALIDATE_SYNTAX]',
  ]);
});

test('P8: of a bundle with secrets a rule tells nothing but itself', async () => {
  const rule = 'self["models.yaml"].models[0].name + 1 == "x"';
  const [said = ''] = await saidOf([rule], FILES, null, true);
  assert.match(said, /^models\.yaml:2:\d+: cannot be evaluated/);
  assert.doesNotMatch(said, /bert/);
});

test('rules of files run on each document, after the schema, with the active version as oldSelf', async () => {
  const rules = [
    ruleSettings('self.port > 1024'),
    ruleSettings('self.name == oldSelf.name', 'the name cannot change'),
  ];
  const validate = await createValidator([check('*.yaml', { rules }), { shape: 'off' }]);
  const active = bundle({ 'a.yaml': 'name: x\nport: 8080\n' });
  const said = async (text: string, standing = { lastGood: active, active }) =>
    (await validate(bundle({ 'a.yaml': text }), standing)).findings.map(formatFinding);
  assert.deepEqual(await said('name: x\nport: 80\n'), [
    'a.yaml:2:7: does not hold: self.port > 1024 [LG_VALIDATE_RULE]',
  ]);
  assert.deepEqual(await said('name: y\nport: 8080\n'), [
    'a.yaml:1:7: the name cannot change [LG_VALIDATE_RULE]',
  ]);
  assert.deepEqual(await said('name: y\nport: 8080\n---\nname: z\nport: 1\n'), [
    'a.yaml:1:7: the name cannot change [LG_VALIDATE_RULE]',
    'a.yaml:5:7: does not hold: self.port > 1024 [LG_VALIDATE_RULE]',
  ]);
});

test('rules run again if the active version has changed', async () => {
  const rules = [ruleSettings('self.n > oldSelf.n')];
  const validate = await createValidator([check('*.yaml', { rules })]);
  const [one, two, three] = ['n: 1\n', 'n: 2\n', 'n: 3\n'].map((text) =>
    bundle({ 'a.yaml': text }),
  );
  assert.ok(one && two && three);
  const isAccepted = async (next: typeof one, active: typeof one | null, lastGood = active) =>
    (await validate(next, { lastGood, active })).accepted;
  assert.equal(await isAccepted(two, one), true);
  assert.equal(await isAccepted(two, three), false);
  assert.equal(await isAccepted(two, null, three), true, 'nothing runs that it could differ from');
  assert.equal(await isAccepted(two, three), false);
});
