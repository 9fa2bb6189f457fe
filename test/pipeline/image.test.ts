import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildImageFiles } from '../../bench/image-files.ts';
import { launchOf } from '../../bench/sidecar.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';
import { compileLauncher } from './launcher.ts';
import { type Line, Pod } from './pod.ts';

/** What the image consists of, laid out in a directory in place of `/`. */

const ROOT = new URL('../..', import.meta.url).pathname;
const MAIN = `${ROOT}sidecar/src/main.ts`;
const LOADER = `${ROOT}sidecar/src/loader.ts`;
const LAUNCHER = readFileSync(`${ROOT}sidecar/image/lastgood.c`, 'utf8');
const DOCKERFILE = readFileSync(`${ROOT}Dockerfile`, 'utf8');

let home = '';
let bin = '';

before(async (context) => {
  const dir = temporaryDirectory(context as never);
  home = join(dir, 'lib');
  bin = join(dir, 'bin');
  mkdirSync(bin);
  await buildImageFiles(home);
  compileLauncher(join(bin, 'lastgood'), home);
  symlinkSync('lastgood', join(bin, 'lastgood-ready'));
  for (const name of ['configmap-reload', 'prometheus-config-reloader']) {
    symlinkSync('lastgood.js', join(home, name));
    symlinkSync('lastgood', join(bin, name));
  }
});

function run(name: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(join(bin, name), args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

test('the image runs Node with the flags of the first line of the program, by each name', () => {
  const { flags, env } = launchOf(MAIN);
  assert.deepEqual(
    [...LAUNCHER.matchAll(/^ {4}"(--\S+)",$/gm)].map(([, flag]) => flag),
    flags,
  );
  const variables = [...LAUNCHER.matchAll(/^ {4}\{"(\w+)", "(\w+)"\},$/gm)];
  assert.deepEqual(Object.fromEntries(variables.map(([, name, value]) => [name, value])), env);
  assert.ok(
    DOCKERFILE.includes(`RUN if [ "$COMPILE_CACHE" = yes ]; then node ${flags.join(' ')} `),
  );
  assert.deepEqual(launchOf(LOADER), launchOf(MAIN));
});

/** What this process has started, and what it has got from processes that have ended. */
function childrenOf(pid: number): readonly number[] {
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return listed === '' ? [] : listed.split(' ').map(Number);
}

const NEW_NAMESPACE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

test('as the first process of a container, lastgood reaps what others leave, and passes signals on', async (context) => {
  const pod = await Pod.create(context);
  await pod.write({ 'config.yaml': 'a: 1\n' });
  pod.start({ program: [...NEW_NAMESPACE, join(bin, 'lastgood')] });
  await pod.outcome('committed');
  const [first = 0] = childrenOf(pod.pid ?? 0);
  assert.equal(childrenOf(first).length, 1);
  // A command of `kubectl exec` or of a check that ends before a process that it has started.
  const inside = ['--target', String(first), '--pid', 'sh', '-c', 'sleep 1000 >/dev/null 2>&1 &'];
  assert.equal(spawnSync('nsenter', inside).status, 0);
  const [, left = 0] = childrenOf(first);
  process.kill(left, 'SIGKILL');
  while (childrenOf(first).length > 1) await sleep(10);
  process.kill(first, 'SIGTERM');
  assert.equal(await pod.exit(), 0);
});

test('as the first process of a container, lastgood ends with 137 when the kernel has ended Node', async (context) => {
  const pod = await Pod.create(context);
  await pod.write({ 'config.yaml': 'a: 1\n' });
  pod.start({ program: [...NEW_NAMESPACE, join(bin, 'lastgood')] });
  await pod.outcome('committed');
  const [first = 0] = childrenOf(pod.pid ?? 0);
  const [node = 0] = childrenOf(first);
  process.kill(node, 'SIGKILL');
  assert.equal(await pod.exit(), 137);
});

test('lastgood and doctor say that the container shows no other processes', async (context) => {
  const signal = { process: 'an-app-elsewhere', signal: 'SIGHUP' };
  const pod = await Pod.create(context, { bundle: { targets: [{ signal }] } });
  await pod.write({ 'config.yaml': 'a: 1\n' });
  pod.start({ program: [...NEW_NAMESPACE, join(bin, 'lastgood')] });
  const hidden = ({ msg }: Line) => String(msg).endsWith('[LG_DELIVER_NO_SHARED_NAMESPACE]');
  await pod.line(hidden, 'warning that the app is not visible');
  const [first = 0] = childrenOf(pod.pid ?? 0);
  const doctor = [join(bin, 'lastgood'), 'doctor', '--config', pod.settings];
  const inside = ['--target', String(first), '--pid', '--mount', ...doctor];
  const { stdout, stderr } = spawnSync('nsenter', inside, { encoding: 'utf8' });
  assert.match(stdout, /LG_DELIVER_NO_SHARED_NAMESPACE/, stderr);
});

test('two builds give the same files, in whatever directory they run', (context) => {
  const dir = join(temporaryDirectory(context), 'lib');
  const script = `
    const { bundleImage } = await import('${ROOT}sidecar/build/image.ts');
    await bundleImage(${JSON.stringify(dir)});
  `;
  const args = ['--input-type=module', '--eval', script];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', cwd: '/' });
  assert.equal(status, 0, stderr);
  const names = readdirSync(home).filter((name) => /\.(?:js|json|txt)$/.test(name));
  assert.deepEqual(readdirSync(dir).sort(), names.sort());
  for (const name of names)
    assert.ok(readFileSync(join(dir, name)).equals(readFileSync(join(home, name))), name);
});

test('V8 takes the compile caches of the image with the flags of the image', () => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { setFlagsFromString } from 'node:v8';
    import { Script } from 'node:vm';
    setFlagsFromString('--memory-pool-share-memory-on-teardown');
    for (const name of ['program', 'checks', 'more']) {
      const read = (end) => readFileSync(${JSON.stringify(home)} + '/' + name + end);
      const script = new Script(read('.js').toString(), { cachedData: read('.cache') });
      console.log(name, script.cachedDataRejected);
    }
  `;
  const args = [...launchOf(LOADER).flags, '--input-type=module', '--eval', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(stdout, 'program false\nchecks false\nmore false\n', stderr);
});

test('a start reads only the scripts that its settings need', async (context) => {
  const without = async (...scripts: readonly string[]) => {
    const dir = join(temporaryDirectory(context as never), 'lib');
    cpSync(home, dir, { recursive: true });
    for (const script of scripts) rmSync(join(dir, `${script}.js`));
    return [process.execPath, join(dir, 'lastgood.js')];
  };
  const schema = { type: 'object' };
  const validate = [{ files: '*.yaml', schema: 'a.json', rules: [{ rule: 'self.a > 0' }] }];
  const content = { 'config.yaml': 'a: 1\n' };
  const plain = await Pod.create(context, { confirm: false });
  await plain.write(content);
  plain.start({ program: await without('checks', 'more') });
  await plain.outcome('committed');
  const checked = await Pod.create(context, { confirm: false, bundle: { validate } });
  writeFileSync(join(dirname(checked.settings), 'a.json'), JSON.stringify(schema));
  await checked.write(content);
  checked.start({ program: await without('more') });
  await checked.outcome('committed');
});

test('lastgood is a command', (context) => {
  assert.match(run('lastgood', '--version').said, /^lastgood \d/);
  assert.equal(run('lastgood', 'validate', `${ROOT}package.json`).said, '1 file is good\n');
  const schema = join(temporaryDirectory(context), 'slow.json');
  writeFileSync(schema, JSON.stringify({ properties: { name: { pattern: '^(a+)+$' } } }));
  const slow = run('lastgood', 'schema', 'check', schema);
  assert.match(slow.said, /may take extremely long/);
  assert.equal(run('lastgood', 'no-such-command').status, 2);
});

test('lastgood-ready prints why a first start is not ready', async (context) => {
  const pod = await Pod.create(context);
  await pod.write({ 'config.yaml': 'a: [1\n' });
  pod.start();
  await pod.outcome('rejected');
  const ready = () => {
    const program = join(bin, 'lastgood-ready');
    const { status, stdout } = spawnSync(program, [pod.address], { encoding: 'utf8' });
    return { status, stdout };
  };
  const bad = ready();
  assert.equal(bad.status, 1);
  assert.match(
    bad.stdout,
    /^not ready\nmodel: not-ready.*\n.*config\.yaml:1:4: .*\[LG_VALIDATE_SYNTAX\]\n/,
  );
  // What it prints when the kubelet stops it is the termination message too.
  assert.equal(await pod.kill('SIGTERM'), 0);
  assert.match(pod.stderr, /^lastgood: config\.yaml:1:4: .*\[LG_VALIDATE_SYNTAX\]$/m);
  pod.start();
  await pod.write({ 'config.yaml': 'a: [1]\n' });
  await pod.outcome('committed');
  const good = ready();
  assert.deepEqual([good.status, good.stdout.split('\n')[0]], [0, 'ready']);
  const port = Number(pod.address.split(':').at(-1));
  for (const address of [`:${port}`, `localhost:${port}`])
    assert.equal(run('lastgood-ready', address).status, 0, address);
  for (const address of ['', `${port}`, `[:${port}`, `:${port + 65_536}`, `:${port} `, ':-1', ':'])
    assert.deepEqual(run('lastgood-ready', address), {
      status: 1,
      said: `lastgood does not answer on ${address}\n`,
    });
  await pod.kill();
  const gone = ready();
  assert.deepEqual([gone.status, gone.stdout], [1, `lastgood does not answer on ${pod.address}\n`]);
});

test('the names of the reloaders that it replaces are commands', () => {
  assert.match(run('configmap-reload', '--help').said, /webhook-url/);
  assert.match(run('prometheus-config-reloader', '--help').said, /--config-file/);
});

test('the licenses of all packages are beside the built file, and a list for scanners', () => {
  const text = readFileSync(join(home, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  const manifest = JSON.parse(readFileSync(`${ROOT}sidecar/package.json`, 'utf8'));
  const names = Object.keys(manifest.dependencies).filter((name) => !name.startsWith('@lastgood/'));
  for (const name of names) assert.match(text, new RegExp(`^${name} \\d\\S* \\(.+\\)$`, 'm'));
  const bom = JSON.parse(readFileSync(join(home, 'sbom.cdx.json'), 'utf8'));
  const inBom = new Set(bom.components.map((each: { name: string }) => each.name));
  assert.deepEqual(
    names.filter((name) => !inBom.has(name)),
    [],
  );
  assert.match(text, /Permission is hereby granted/);
  assert.match(text, /Redistribution and use/);
  assert.match(text, /Apache License/);
});
