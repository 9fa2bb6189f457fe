import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const MAIN = join(import.meta.dirname, '../../main.ts');
const BAD = join(import.meta.dirname, 'fixtures/unreadable.bad.yaml');
const GOOD = join(import.meta.dirname, 'fixtures/unreadable.good.yaml');

function doctor(argv: readonly string[], input = '') {
  const { LASTGOOD_CONFIG: _own, FORCE_COLOR: _force, ...env } = process.env;
  const args = [MAIN, 'doctor', ...argv];
  return spawnSync(process.execPath, args, { encoding: 'utf8', input, env });
}

test('the exit code says whether there are findings at the threshold', () => {
  assert.equal(doctor([GOOD]).status, 0);
  const bad = doctor([BAD]);
  assert.equal(bad.status, 1);
  assert.match(bad.stdout, /unreadable\.bad\.yaml:16:22: .*\[LG_DOCTOR_UNREADABLE\]/);
  assert.equal(doctor([BAD, '--failure-threshold', 'none']).status, 0);
});

test('usage that makes no sense, and input without an object, end with 2', () => {
  assert.equal(doctor(['--kubernetes', '1.34']).status, 2);
  const empty = doctor(['-'], 'a: 1\n');
  assert.equal(empty.status, 2);
  assert.match(empty.stderr, /no Kubernetes object/);
});

test('without an argument it needs the settings of the container', () => {
  const { status, stderr } = doctor(['--config', '/no/such/lastgood.yaml']);
  assert.equal(status, 2);
  assert.match(stderr, /LG_SETTINGS_MISSING/);
});

test('--explain prints the message, the reason and the fix', () => {
  const { status, stdout } = doctor(['--explain', 'LG_DOCTOR_UNREADABLE']);
  assert.equal(status, 0);
  assert.match(stdout, /^LG_DOCTOR_UNREADABLE\n\nerror: .*\n\n[\s\S]*fsGroup[\s\S]*\n\nFix: set /);
});

test('--kubernetes decides which fields there are', () => {
  const pod = `apiVersion: v1
kind: Pod
spec:
  containers: [{ name: a, image: "a:1" }]
  volumes: [{ name: schema, image: { reference: "a:1" } }]
`;
  const endOf = (...argv: string[]) => doctor(['-', ...argv], pod);
  assert.equal(endOf('--kubernetes', '1.30').status, 1);
  assert.match(endOf('--kubernetes', '1.34').stdout, /:5:\d+: warning: Image volumes/);
  for (const argv of [['--kubernetes', '1.35'], []])
    assert.match(endOf(...argv).stdout, /no findings/);
});
