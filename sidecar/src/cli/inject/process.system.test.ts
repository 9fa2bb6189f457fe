import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { load, loadAll } from 'js-yaml';
import type { Manifest } from './plan.testing.ts';

const MAIN = join(import.meta.dirname, '../../main.ts');
const FIXTURES = join(import.meta.dirname, 'fixtures');
const WEB = join(FIXTURES, 'one-container.yaml');

function run(argv: readonly string[], input = '') {
  return spawnSync(process.execPath, [MAIN, ...argv], { input, encoding: 'utf8' });
}

test('inject reads files or standard input, and uninject gives back the bytes', () => {
  const text = readFileSync(WEB, 'utf8');
  const injected = run(['inject', WEB, '--webhook', 'http://localhost:8080/reload']);
  assert.deepEqual([injected.status, injected.stderr], [0, '']);
  const piped = run(['inject', '--webhook', 'http://localhost:8080/reload'], text);
  assert.equal(piped.stdout, injected.stdout);
  const back = run(['uninject', '-'], injected.stdout);
  assert.deepEqual([back.status, back.stdout], [0, text]);
  const version = JSON.parse(readFileSync(join(MAIN, '../../package.json'), 'utf8')).version;
  assert.match(injected.stdout, new RegExp(`image: lastgood:${version}\\n`));
});

test('files are one stream, and the bytes of each are kept', () => {
  const pod = join(FIXTURES, 'pod.yaml');
  const { stdout } = run(['inject', WEB, pod]);
  const texts = [WEB, pod].map((path) => readFileSync(path, 'utf8'));
  assert.equal(run(['uninject'], stdout).stdout, texts.join('---\n'));
});

test('a refusal ends with 1, its place and hint, and nothing on standard output', () => {
  const { status, stdout, stderr } = run(['inject', WEB, '--mode', 'drop-in']);
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /one-container\.yaml:\d+:\d+: .*\[LG_INJECT_DROP_IN\]\n.*--webhook/);
});

test('P8: a manifest that cannot be read is refused, and its content is not shown', () => {
  const secret = 'kind: Secret\nstringData:\n  password: "canary\n---\n';
  const { status, stdout, stderr } = run(['inject'], secret);
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^lastgood: stdin:\d+:\d+: /);
  assert.doesNotMatch(stderr, /canary/);
});

test('of several files, those without a workload stay as they are', () => {
  const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\n';
  const { status, stdout } = run(['inject', '-', WEB], service);
  assert.equal(status, 0);
  assert.ok(stdout.startsWith(`${service}---\n`));
  assert.match(run(['inject'], service).stderr, /LG_INJECT_NOTHING/);
});

test('a file that is not there, and wrong flags, end with 2', () => {
  for (const argv of [
    ['inject', '/nowhere.yaml'],
    ['inject', WEB, '--signal', 'app'],
    ['inject', WEB, '--mode', 'sdk', '--webhook', 'http://localhost'],
    ['inject', WEB, '--mode', 'all'],
    ['inject', WEB, '--workload', 'web', '--workload', 'wbe'],
    ['inject', WEB, '--volume', 'confg'],
    ['inject', WEB, '--settings', '/nowhere.yaml'],
    ['inject', WEB, '--mode', 'drop-in', '--settings', WEB],
  ]) {
    const { status, stdout } = run(argv);
    assert.deepEqual([status, stdout], [2, ''], argv.join(' '));
  }
});

test('--diff prints what changes, for patch to apply, and nothing if nothing does', () => {
  const { stdout } = run(['inject', WEB, '--diff']);
  assert.match(stdout, /^--- .*one-container\.yaml\n\+\+\+ .*\n@@ -1,\d+ \+1,\d+ @@\n/);
  const patched = spawnSync('git', ['apply', '--verbose', '--check', '-p0', '--unsafe-paths'], {
    input: stdout,
    encoding: 'utf8',
    cwd: '/',
  });
  assert.equal(patched.status, 0, patched.stderr);
  const injected = run(['inject', WEB]).stdout;
  assert.equal(run(['inject', '--diff'], injected).stdout, '');
});

test('--settings adds checks, and edits stay: --diff shows only the upgrade', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-inject-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const settings = join(dir, 'own.yaml');
  writeFileSync(settings, 'bundles: [{ name: config, validate: [{ shape: warn }] }]\n');
  const { stdout } = run(['inject', WEB, '--settings', settings, '--image', 'own:1']);
  assert.match(stdout, /^ +validate:\n +- shape: warn$/m);
  const edited = stdout
    .replace('shape: warn', 'shape: same # for now')
    .replace(/memory: 64Mi/, 'memory: 96Mi');
  const again = ['inject', '--settings', settings, '--image'];
  const kept = run([...again, 'own:1'], edited);
  assert.match(
    kept.stderr,
    /keeps .*bundles\.config\.validate, initContainers\.lastgood\.resources/,
  );
  const { stdout: diff } = run([...again, 'own:2', '--diff'], kept.stdout);
  assert.deepEqual(
    diff.split('\n').filter((line) => /^[+-] +(?! |lastgood\.dev\/undo)/.test(line)),
    ['-          image: own:1', '+          image: own:2'],
  );
  const back = run(['uninject'], edited);
  assert.equal(back.stdout, readFileSync(WEB, 'utf8'));
  assert.match(back.stderr, /is taken out too: /);
});

test('P8: --diff shows no line of a Secret, neither around a change nor in it', () => {
  const secret = 'apiVersion: v1\nkind: Secret\nstringData:\n  password: canary\n';
  const web = readFileSync(WEB, 'utf8');
  const list = { apiVersion: 'v1', kind: 'List', items: [load(web), load(secret)] };
  for (const text of [`${web}---\n${secret}`, `${secret}---\n${web}`, JSON.stringify(list)]) {
    const { status, stdout } = run(['inject', '--diff'], text);
    assert.equal(status, 0);
    assert.match(stdout, /^@@ .*not shown/ms);
    assert.doesNotMatch(stdout, /canary/);
    const injected = run(['inject'], text).stdout;
    assert.doesNotMatch(run(['uninject', '--diff'], injected).stdout, /canary/);
  }
});

test('P8: --diff shows no credential of a workload or of the reloader that it had', () => {
  const url = 'http://admin:canary@localhost:8080/-/reload?token=canary';
  const text = `apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    a: b
    kubectl.kubernetes.io/last-applied-configuration: '{"env":[{"name":"TOKEN","value":"canary"}]}'
spec:
  containers:
    - name: app
      image: app:1
      env:
        - name: TOKEN
          value: canary
    - name: reloader
      image: jimmidyson/configmap-reload:v0.15.0
      args: [--volume-dir=/c, "--webhook-url=${url}"]
      volumeMounts: [{ name: config, mountPath: /c }]
  volumes:
    - { name: config, configMap: { name: web } }
`;
  const reloaderAlone = text.replace(/ {4}a: b\n.*\n/, '').replace(/ +env:\n.*\n.*\n/, '');
  for (const manifest of [text, reloaderAlone])
    for (const more of [[], ['--mode', 'drop-in']]) {
      const { status, stdout } = run(['inject', '--diff', ...more], manifest);
      assert.equal(status, 0);
      assert.match(stdout, /^[-+ ].*not shown/m);
      assert.doesNotMatch(stdout, /canary|undo\W+v1/);
      const injected = run(['inject', ...more], manifest).stdout;
      assert.match(injected, /canary/);
      assert.doesNotMatch(run(['uninject', '--diff'], injected).stdout, /canary|undo\W+v1/);
    }
});

/** Makes the mounts of the injected container below a directory, and writes its settings for them. */
function makePod(t: TestContext, ...flags: readonly string[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-inject-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [workload, settings] = loadAll(run(['inject', WEB, ...flags]).stdout) as Manifest[];
  const [{ volumeMounts }] = workload.spec.template.spec.initContainers;
  for (const { mountPath } of volumeMounts) mkdirSync(join(dir, mountPath), { recursive: true });
  const yaml: string = settings.data['lastgood.yaml'];
  const config = join(dir, 'etc/lastgood/lastgood.yaml');
  writeFileSync(config, yaml.replaceAll(' /lastgood/', ` ${dir}/lastgood/`));
  writeFileSync(join(dir, 'lastgood/source/config/a.yaml'), 'a: 1\n');
  return dir;
}

for (const flags of [
  ['--mode', 'publish', '--webhook', 'http://localhost:8080/reload'],
  ['--mode', 'signal', '--signal', 'web'],
])
  test(`${flags[1]}: lastgood publishes with the settings and the mounts that inject wrote`, (t) => {
    const dir = makePod(t, ...flags);
    const { status, stderr } = run(['--config', join(dir, 'etc/lastgood/lastgood.yaml'), '--once']);
    assert.equal(status, 0, stderr);
    assert.equal(readFileSync(join(dir, 'lastgood/live/config/a.yaml'), 'utf8'), 'a: 1\n');
  });

test('sdk: lastgood accepts the settings and the mounts that inject wrote', (t) => {
  const dir = makePod(t, '--mode', 'sdk');
  const { status, stderr } = run(['--config', join(dir, 'etc/lastgood/lastgood.yaml'), '--once']);
  assert.equal(status, 0, stderr);
});
