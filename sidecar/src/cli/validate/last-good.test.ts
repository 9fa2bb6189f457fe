import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workspace } from './workspace.testing.ts';

const object = (name: string, config: string, kind = 'ConfigMap') =>
  `---\napiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name} }\n${
    kind === 'Secret' ? 'stringData' : 'data'
  }:\n  config.yaml: |\n    ${config.replaceAll('\n', '\n    ')}\n`;

test('objects are compared with those of the same kind and name', async (t) => {
  const { validate } = workspace(t, {
    'new.yaml': object('a', 'n: two') + object('b', 'n: two') + object('a', 'n: 1', 'Secret'),
    'old.yaml': object('b', 'n: one') + object('a', 'n: 1') + object('a', 'n: 1', 'Secret'),
  });
  const { end, said } = await validate(['new.yaml'], { 'shape-of': 'old.yaml' });
  // A shape is a guess, so the difference is a warning.
  assert.equal(end, 'good');
  assert.deepEqual(said, ['new.yaml:7:8: config.yaml: /n is text (was a number)']);
});

test('the hash that Kustomize ends a name with makes no other object of it', async (t) => {
  const { validate } = workspace(t, {
    'new.yaml': object('model-5gm2h7t8kf', 'n: two') + object('other', 'n: two'),
    'old.yaml': object('model-9c4f6d2bkt', 'n: 1') + object('another', 'n: 1'),
  });
  const { said } = await validate(['new.yaml'], { 'shape-of': 'old.yaml' });
  assert.deepEqual(said, ['new.yaml:7:8: config.yaml: /n is text (was a number)']);
});

test('files are compared with those at the same path; the names of single files do not matter', async (t) => {
  const { validate } = workspace(t, {
    'new/a.yaml': 'n: two\n',
    'new/sub/b.yaml': 'n: 1\n',
    'old/a.yaml': 'n: 1\n',
    'old/sub/b.yaml': 'n: 1\n',
    'old/c.yaml': 'n: 1\n',
    'other.yaml': 'n: 1\n',
  });
  const said = async (input: string, shapeOf: string) =>
    (await validate([input], { 'shape-of': shapeOf })).said;
  const text = 'new/a.yaml:1:4: /n is text (was a number)';
  assert.deepEqual(await said('new', 'old'), [text, 'new/c.yaml: is no longer there']);
  assert.deepEqual(await said('new/a.yaml', 'old'), [text]);
  assert.deepEqual(await said('new/a.yaml', 'other.yaml'), [text]);
});

test('the earlier version may come from standard input', async (t) => {
  const { validate } = workspace(t, { 'new.yaml': object('a', 'n: two') });
  const { said } = await validate(['new.yaml'], { 'shape-of': '-' }, object('a', 'n: 1'));
  assert.deepEqual(said, ['new.yaml:7:8: config.yaml: /n is text (was a number)']);
});

test('--shape decides, then the settings, and else a difference is a warning', async (t) => {
  const { validate } = workspace(t, {
    'new.yaml': 'n: two\n',
    'old.yaml': 'n: 1\n',
    'lastgood.yaml':
      'bundles: [{ name: a, volumes: [{ path: /v }], validate: [{ shape: compatible }] }]\n',
  });
  const end = async (rest: object) =>
    (await validate(['new.yaml'], { 'shape-of': 'old.yaml', ...rest })).end;
  const config = 'lastgood.yaml';
  assert.equal(await end({}), 'good');
  assert.equal(await end({ strict: true }), 'bad');
  assert.equal(await end({ shape: 'compatible' }), 'bad');
  assert.equal(await end({ config }), 'bad');
  assert.equal(await end({ config, shape: 'warn' }), 'good');
});

test('oldSelf of a rule is the earlier version', async (t) => {
  const { validate } = workspace(t, { 'new.yaml': 'n: 9\n', 'old.yaml': 'n: 4\n' });
  const rule = ['self.n <= oldSelf.n * 2'];
  const rest = { rule, shape: 'off', 'shape-of': 'old.yaml' } as const;
  assert.deepEqual((await validate(['new.yaml'], rest)).said, [
    'new.yaml:1:4: does not hold: self.n <= oldSelf.n * 2',
  ]);
  assert.equal((await validate(['new.yaml'], { rule })).end, 'good');
});

test('an earlier version that is missing, empty or of something else does not pass', async (t) => {
  const { validate } = workspace(t, {
    'new.yaml': object('a', 'n: two') + object('b', 'n: 1'),
    'other.yaml': object('c', 'n: 1'),
    'empty.yaml': '',
  });
  const cases = [
    ['gone.yaml', /^cannot be read: ENOENT$/],
    ['other.yaml', /^--shape-of other\.yaml has no earlier version of the files to check$/],
    ['empty.yaml', /^--shape-of empty\.yaml has no earlier version/],
  ] as const;
  for (const [shapeOf, message] of cases) {
    const { end, output, usage } = await validate(['new.yaml'], { 'shape-of': shapeOf });
    assert.deepEqual([end, output], ['unusable', '']);
    assert.match(usage[0] ?? '', message);
  }
});

test('an object that had no data is noted, and gets its first keys', async (t) => {
  const empty = (kind: string) => `---\napiVersion: v1\nkind: ${kind}\nmetadata: { name: a }\n`;
  const { validate } = workspace(t, {
    'new.yaml': object('a', 'n: 1') + object('a', 'n: 1', 'Secret') + object('b', 'n: two'),
    'old.yaml': `${empty('ConfigMap')}data:\n${empty('Secret')}data: {}\n${object('b', 'n: 1')}`,
    'one.yaml': object('a', 'n: 1'),
    'none.yaml': empty('ConfigMap'),
  });
  const nothing = (kind: string) => `${kind} a: there was no data to compare`;
  const { end, said, notes } = await validate(['new.yaml'], { 'shape-of': 'old.yaml' });
  assert.equal(end, 'good');
  assert.deepEqual(said, ['new.yaml:21:8: config.yaml: /n is text (was a number)']);
  assert.deepEqual(notes, [nothing('ConfigMap'), nothing('Secret')]);
  for (const input of ['one.yaml', 'none.yaml']) {
    const told = await validate([input], { 'shape-of': 'none.yaml' });
    assert.deepEqual([told.end, told.said, told.notes], ['good', [], [nothing('ConfigMap')]]);
  }
  const lost = await validate(['none.yaml'], { 'shape-of': 'one.yaml' });
  assert.deepEqual(lost.said, ['none.yaml:2:1: config.yaml: is no longer there']);
});

test('a Secret that sops encrypts has lost nothing', async (t) => {
  const { validate } = workspace(t, {
    'new.yaml': `${object('a', 'n: 1', 'Secret').replace(/config.*/s, 'b: ENC[AES256_GCM,data:x]\n')}sops: {}\n`,
    'old.yaml': object('a', 'n: 1', 'Secret'),
  });
  const encrypted = await validate(['new.yaml'], { 'shape-of': 'old.yaml' });
  assert.deepEqual([encrypted.end, encrypted.said], ['good', []]);
  const plain = await validate(['old.yaml'], { 'shape-of': 'new.yaml' });
  assert.deepEqual([plain.end, plain.said], ['good', []]);
  assert.deepEqual(plain.notes, ['Secret a: there was no data to compare']);
});

test('an unreadable input is reported, not the earlier version', async (t) => {
  const { validate } = workspace(t, { 'old.yaml': 'n: 1\n' });
  const { end, said, usage } = await validate(['gone.yaml'], { 'shape-of': 'old.yaml' });
  assert.deepEqual([end, said, usage], ['unusable', ['gone.yaml: cannot be read: ENOENT'], []]);
});

test('P8: nothing of a secret earlier version is shown', async (t) => {
  const { validate } = workspace(t, {
    'new.yaml': object('a', 'hunter: 1'),
    'secret.yaml': object('a', 'hunter2: 2', 'Secret'),
    'new/secret.yaml': object('a', 'port: x', 'Secret'),
    'old/secret.yaml': object('a', 'hunter2: 1\nport: 1', 'Secret'),
  });
  for (const output of ['human', 'json', 'github', 'sarif', 'junit'] as const) {
    const told = [
      await validate(['new.yaml'], { 'shape-of': 'secret.yaml', output }),
      await validate(['new/secret.yaml'], { 'shape-of': 'old/secret.yaml', output }),
    ];
    assert.doesNotMatch(JSON.stringify(told), /hunter2/);
    assert.match(told[1]?.output ?? '', /a value is no longer there/);
  }
});
