import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workspace } from './workspace.testing.ts';

const FILES = { 'd/a.yaml': 'n: 1\nlist: [1, 2]\n', 'd/b.json': '{"n": 2}', 'd/c.txt': 'n' };

test('a rule holds for every file that can be parsed, or for those of a glob', async (t) => {
  const { validate } = workspace(t, FILES);
  const said = async (...rules: string[]) => (await validate(['d'], { rule: rules })).said;
  assert.deepEqual(await said('self.n > 2'), [
    'd/a.yaml:1:4: does not hold: self.n > 2',
    'd/b.json:1:7: does not hold: self.n > 2',
  ]);
  assert.deepEqual(await said('*.json=self.n == 1', '*.yaml=self.n != 1'), [
    'd/a.yaml:1:4: does not hold: self.n != 1',
    'd/b.json:1:7: does not hold: self.n == 1',
  ]);
  assert.deepEqual(await said('self.n <= 2', '*.{yaml,json}=self.n>=1'), []);
});

test('no sign of CEL is mistaken for that of a glob', async (t) => {
  const { validate } = workspace(t, { 'a.yaml': FILES['d/a.yaml'] });
  for (const rule of [
    'self.n==2',
    '2==self.n',
    '1!=self.n',
    'self.n<=0',
    '0>=self.n',
    'self.list.all(i,i>=2)',
    '"x=y"==string(self.n)',
    "self.n>1||'a=b'=='c'",
    'self.n == 2 // a=b',
  ])
    assert.deepEqual((await validate(['a.yaml'], { rule: [rule] })).said.length, 1, rule);
});

test('an invalid rule is reported with its column', async (t) => {
  const { validate } = workspace(t, { 'a.yaml': FILES['d/a.yaml'] });
  const cases = [
    ['self.n = 1', '--rule "self.n = 1"', 'syntax error at "= 1" (at 1:8 of the rule)'],
    ['self.n=1', '--rule "self.n=1"', 'syntax error at "=1" (at 1:7 of the rule)'],
    ['a.yaml=self.n >', '--rule "self.n >"', 'syntax error at ">" (at 1:8 of the rule)'],
    ['size(self.list)', '--rule "size(self.list)"', 'it must be true or false, and is int'],
  ] as const;
  for (const [rule, file, reason] of cases)
    await assert.rejects(validate(['a.yaml'], { rule: [rule] }), (error: Error) => {
      assert.deepEqual({ ...error }, { ...error, code: 'LG_SETTINGS_RULE', location: { file } });
      assert.ok(error.message.startsWith(`the rule cannot be used: ${reason}`), error.message);
      return true;
    });
});

test('a rule for a file that is not there is wrong usage', async (t) => {
  const manifest =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: m }\ndata: { a.yaml: "n: 1" }\n';
  const { validate } = workspace(t, {});
  const { end, usage } = await validate(['-'], { rule: ['b.yaml=self.n == 1'] }, manifest);
  assert.equal(end, 'unusable');
  assert.deepEqual(usage, ['--rule b.yaml=self.n == 1 matches no file, did you mean "a.yaml"?']);
});

test('P8: of a secret, a rule that does not hold tells only the place', async (t) => {
  const secret =
    'apiVersion: v1\nkind: Secret\nmetadata: { name: m }\nstringData: { a.yaml: "n: hunter2" }\n';
  const { validate } = workspace(t, {});
  for (const output of ['human', 'json', 'github', 'sarif', 'junit'] as const) {
    const told = await validate(['-'], { rule: ['self.n > 2', 'self.n == "x"'], output }, secret);
    assert.doesNotMatch(told.output, /hunter/);
    assert.match(told.output, /does not hold: self\.n == /);
  }
});
