import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { buildImageFiles } from '../../bench/image-files.ts';
import { launchOf } from '../../bench/sidecar.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';
import { Pod } from './pod.ts';

/** What the image consists of, laid out in a directory in place of `/`. */

const ROOT = new URL('../..', import.meta.url).pathname;
const MAIN = `${ROOT}sidecar/src/main.ts`;
const LOADER = `${ROOT}sidecar/src/loader.ts`;
const COMPILE_SCRIPT = new URL('../../sidecar/src/io/process/compile-script.ts', import.meta.url)
  .href;
const WRAPPER = readFileSync(`${ROOT}sidecar/image/lastgood`, 'utf8');
const DOCKERFILE = readFileSync(`${ROOT}Dockerfile`, 'utf8');

let home = '';
let bin = '';

before(async (context) => {
  const dir = temporaryDirectory(context as never);
  home = join(dir, 'lib');
  bin = join(dir, 'bin');
  mkdirSync(bin);
  await buildImageFiles(home);
  const script = WRAPPER.replace('/usr/local/lib/lastgood', home);
  writeFileSync(join(bin, 'lastgood'), script);
  chmodSync(join(bin, 'lastgood'), 0o755);
  for (const name of ['configmap-reload', 'prometheus-config-reloader']) {
    symlinkSync('lastgood.js', join(home, name));
    symlinkSync('lastgood', join(bin, name));
  }
});

function run(name: string, ...args: readonly string[]) {
  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
  const options = { encoding: 'utf8', env: { ...process.env, PATH } } as const;
  const { status, stdout, stderr } = spawnSync(join(bin, name), args, options);
  return { status, said: stdout + stderr };
}

test('the image runs Node with the flags of the first line of the program, by each name', () => {
  const flags = launchOf(MAIN).flags.join(' ');
  const [, entrypoint = ''] = /^ENTRYPOINT (.*)$/m.exec(DOCKERFILE) ?? [];
  const words = JSON.parse(entrypoint) as string[];
  assert.equal(words.filter((each) => each.startsWith('--')).join(' '), flags);
  const [, inWrapper] = /^exec node (.*) "\S+" "\$@"$/m.exec(WRAPPER) ?? [];
  assert.equal(inWrapper, flags);
  assert.deepEqual(launchOf(LOADER), launchOf(MAIN));
});

test('V8 takes the compile cache of the image with the flags of the image', () => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { setFlagsFromString } from 'node:v8';
    import { compileScript } from ${JSON.stringify(COMPILE_SCRIPT)};
    setFlagsFromString('--memory-pool-share-memory-on-teardown');
    const cache = readFileSync(${JSON.stringify(join(home, 'program.cache'))});
    console.log(compileScript(${JSON.stringify(join(home, 'program.js'))}, cache).usesCache);
  `;
  const args = [...launchOf(LOADER).flags, '--input-type=module', '--eval', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(stdout, 'true\n', stderr);
});

test('lastgood is a command', () => {
  assert.match(run('lastgood', '--version').said, /^lastgood \d/);
  assert.equal(run('lastgood', 'validate', `${ROOT}package.json`).said, '1 file is good\n');
  assert.equal(run('lastgood', 'no-such-command').status, 2);
});

test('lastgood-ready prints why a first start is not ready', async (context) => {
  const pod = await Pod.create(context);
  await pod.write({ 'config.yaml': 'a: [1\n' });
  pod.start();
  await pod.outcome('rejected');
  const ready = () => {
    const script = `${ROOT}sidecar/image/lastgood-ready`;
    const { status, stdout } = spawnSync(script, [pod.address], { encoding: 'utf8' });
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
  await pod.kill();
  const gone = ready();
  assert.deepEqual([gone.status, gone.stdout], [1, `lastgood does not answer on ${pod.address}\n`]);
});

test('the names of the reloaders that it replaces are commands', () => {
  assert.match(run('configmap-reload', '--help').said, /webhook-url/);
  assert.match(run('prometheus-config-reloader', '--help').said, /--config-file/);
});

test('the licenses of all packages are beside the built file', () => {
  const text = readFileSync(join(home, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  const manifest = JSON.parse(readFileSync(`${ROOT}sidecar/package.json`, 'utf8'));
  const names = Object.keys(manifest.dependencies).filter((name) => !name.startsWith('@lastgood/'));
  for (const name of names) assert.match(text, new RegExp(`^${name} \\d\\S* \\(.+\\)$`, 'm'));
  assert.match(text, /Permission is hereby granted/);
  assert.match(text, /Redistribution and use/);
  assert.match(text, /Apache License/);
});

test('the image gets its files from where the build puts them', () => {
  for (const file of ['LICENSE', 'sidecar/image/lastgood', 'sidecar/dist/image/'])
    assert.ok(DOCKERFILE.includes(`/src/${file} `), file);
});
