import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AtomicWriter } from '../../../test/kubelet/atomic-writer.ts';
import { parseMounts } from '../fs/mount-table.ts';
import { formatFinding } from '../model/finding.ts';
import { mountsOf, skip } from './mounts.testing.ts';
import { checkMounts } from './mounts.ts';
import { watching } from './source.testing.ts';

const SUB_PATH = 'is mounted by subPath, which never updates [LG_SOURCE_NEVER_CHANGES]';
const ONE_FILE =
  'is a mount of one file, which shows no change that renames a new file into its place [LG_SOURCE_NEVER_CHANGES]';

const warningsOf = async (...paths: string[]) => {
  const findings = await checkMounts(paths);
  assert.ok(findings.every(({ severity }) => severity === 'warning'));
  return findings.map(formatFinding);
};

test('lines of mountinfo are parsed with their escapes, and others are ignored', () => {
  const text = `36 35 98:0 /mnt1/a\\040b /mnt2\\134x rw,noatime master:1 - ext3 /dev/root rw
nonsense
37 35 0:39 / /tmp rw - tmpfs none rw
`;
  assert.deepEqual(parseMounts(text), [
    { root: '/mnt1/a b', mountPoint: '/mnt2\\x' },
    { root: '/', mountPoint: '/tmp' },
  ]);
});

test('a file and a directory that are mounted by subPath are reported, as volumes and in one', {
  skip,
}, async (t) => {
  const { dir, mount } = mountsOf(t);
  const source = join(dir, 'kubelet/volume');
  const write = (bytes: string) =>
    new AtomicWriter(source).write({ 'a.yaml': { bytes }, 'sub/b.yaml': { bytes } });
  await write('1');
  for (const name of ['app/conf.d/sub', 'whole']) mkdirSync(join(dir, name), { recursive: true });
  writeFileSync(join(dir, 'app/conf.d/a.yaml'), '');
  // As the kubelet: the links are resolved, and what they led to at that moment is what is mounted.
  mount('--bind', realpathSync(join(source, 'a.yaml')), join(dir, 'app/conf.d/a.yaml'));
  mount('--bind', realpathSync(join(source, 'sub')), join(dir, 'app/conf.d/sub'));
  mount('--bind', source, join(dir, 'whole'));
  symlinkSync('app', join(dir, 'link'));
  const app = join(dir, 'app/conf.d');
  assert.deepEqual(await warningsOf(join(app, 'sub/b.yaml')), [
    `${join(app, 'sub/b.yaml')} ${SUB_PATH}`,
  ]);
  const told = [`${join(app, 'a.yaml')} ${SUB_PATH}`, `${join(app, 'sub')} ${SUB_PATH}`];
  for (const round of ['before a swap', 'after it']) {
    assert.deepEqual(await warningsOf(join(app, 'a.yaml'), join(app, 'sub')), told, round);
    assert.deepEqual(await warningsOf(app), told, round);
    assert.deepEqual(await warningsOf(join(dir, 'link/conf.d/a.yaml')), [
      `${join(dir, 'link/conf.d/a.yaml')} ${SUB_PATH}`,
    ]);
    // The whole volume, a file in it, and what does not exist yet: all is well.
    const fine = [join(dir, 'whole'), join(dir, 'whole/a.yaml'), source, join(dir, 'none')];
    assert.deepEqual(await warningsOf(...fine), []);
    await write('2');
  }
});

test('a Secret that is mounted by subPath is reported, although its file system is in memory', {
  skip,
}, async (t) => {
  const { dir, mount } = mountsOf(t);
  const source = join(dir, 'secret');
  mkdirSync(source);
  mount('-t', 'tmpfs', 'none', source);
  await new AtomicWriter(source).write({ password: { bytes: 'p' } });
  writeFileSync(join(dir, 'password'), '');
  mount('--bind', realpathSync(join(source, 'password')), join(dir, 'password'));
  assert.deepEqual(await warningsOf(join(dir, 'password'), source), [
    `${join(dir, 'password')} ${SUB_PATH}`,
  ]);
});

test('a mount of one host file is reported once at the start, and edits in place are noticed', {
  skip,
}, async (t) => {
  const { dir, mount } = mountsOf(t);
  for (const name of ['host.conf', 'app.conf']) writeFileSync(join(dir, name), 'old');
  mount('--bind', join(dir, 'host.conf'), join(dir, 'app.conf'));
  const { warnings, waitFor, troubles } = await watching(t, [join(dir, 'app.conf')], {
    recheckMs: 100,
  });
  assert.deepEqual(warnings, [`${join(dir, 'app.conf')} ${ONE_FILE}`]);
  for (let count = 0; count < 3; count++) {
    await waitFor('change', () => writeFileSync(join(dir, 'app.conf'), `${count}`));
    await waitFor('recheck');
  }
  assert.deepEqual([warnings.length, troubles], [1, []]);
  assert.ok(readdirSync(dir).includes('app.conf'));
});

test('a ConfigMap that is mounted inside the mount of another one is reported', {
  skip,
}, async (t) => {
  const { dir, mount } = mountsOf(t);
  const [outer, inner] = [join(dir, 'outer'), join(dir, 'inner')];
  for (const path of [outer, inner])
    await new AtomicWriter(path).write({ 'a.yaml': { bytes: '1' } });
  // The container runtime makes the mount point, beside the kubelet's links.
  mkdirSync(join(outer, 'sub'));
  mount('--bind', outer, outer);
  mount('--bind', inner, join(outer, 'sub'));
  const sub = join(outer, 'sub');
  assert.deepEqual(await warningsOf(outer), [
    `${sub} is a mount inside the volume ${outer}, and lastgood does not read it [LG_SOURCE_NESTED_MOUNT]`,
  ]);
  assert.deepEqual(await warningsOf(outer, sub), [], 'it is a volume of the bundle itself');
});
