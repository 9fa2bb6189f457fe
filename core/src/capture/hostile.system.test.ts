/** Another container can write into the volume, and wants files from elsewhere to be captured. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSwapping } from '../../../test/kubelet/swap-attacker.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { syncFs } from '../fs/fs-adapter.ts';
import { formatFinding } from '../model/finding.ts';
import { mountsOf, skip } from '../source/mounts.testing.ts';
import {
  capturerOf,
  findingsIn,
  newAttempt,
  snapshotIn,
  textsIn,
  volumeAt,
} from './capture.testing.ts';
import { listVolume } from './list.ts';
import { readListed } from './read.ts';
import { ChangedDuringRead } from './read-attempt.ts';

const OUTSIDE = 'is a link whose target is missing or outside the volume [LG_CAPTURE_OUTSIDE]';

test('P8 a directory that becomes a link after it was listed leads to no file', async (t) => {
  const root = temporaryDirectory(t);
  const outside = temporaryDirectory(t);
  mkdirSync(join(root, 'sub'));
  writeFileSync(join(root, 'sub/a'), 'inside');
  writeFileSync(join(outside, 'a'), 'secret');
  const attempt = newAttempt();
  const settings = volumeAt(root);
  const more = { file: undefined, fs: syncFs, topNames: [], fingerprints: new Map() };
  const volume = { ...more, settings, root, dataDir: root, isPlain: false };
  const [listed] = await listVolume(volume, attempt);
  assert.ok(listed);
  renameSync(join(root, 'sub'), join(root, 'moved'));
  symlinkSync(outside, join(root, 'sub'));
  await assert.rejects(readListed(listed, attempt, 0), (error) => {
    assert.ok(error instanceof ChangedDuringRead && error.finding !== undefined);
    assert.equal(formatFinding(error.finding), `sub/a: ${OUTSIDE}`);
    return true;
  });
});

test('P8 no file from elsewhere is captured while a directory and a link take turns', async (t) => {
  const root = temporaryDirectory(t);
  const outside = temporaryDirectory(t);
  // A volume in the kubelet's layout: lastgood expects its files not to change.
  mkdirSync(join(root, '..1/sub'), { recursive: true });
  for (let count = 0; count < 20; count++) {
    writeFileSync(join(root, `..1/sub/${count}`), 'inside');
    writeFileSync(join(outside, String(count)), 'secret');
  }
  symlinkSync('..1', join(root, '..data'));
  symlinkSync('..data/sub', join(root, 'sub'));
  const capture = capturerOf([volumeAt(root)]);
  const end = await startSwapping(t, join(root, '..1/sub'), outside);
  for (let round = 0; round < 40; round++) {
    const captured = await capture();
    if (!captured.ok) continue;
    assert.deepEqual(new Set(Object.values(textsIn(captured.snapshot))), new Set(['inside']));
  }
  await end();
});

test('P8 a volume in a mount that becomes a link out of the mount is refused', {
  skip,
}, async (t) => {
  const { dir, mount } = mountsOf(t);
  const [shared, outside] = [join(dir, 'shared'), join(dir, 'outside')];
  for (const path of [shared, outside]) mkdirSync(path);
  mount('-t', 'tmpfs', 'none', shared);
  mkdirSync(join(shared, 'conf'));
  for (const path of [join(shared, 'conf/a'), join(shared, 'one'), join(outside, 'a')])
    writeFileSync(path, 'x');
  for (const [name, target] of [
    ['one', join(outside, 'a')],
    ['conf', outside],
  ] as const) {
    const path = join(shared, name);
    const capture = capturerOf([volumeAt(path)]);
    snapshotIn(await capture());
    rmSync(path, { recursive: true });
    symlinkSync(target, path);
    assert.deepEqual(findingsIn(await capture()), [`${path}: ${OUTSIDE}`]);
    // Neither at the start, nor through a link of the image.
    assert.deepEqual(findingsIn(await capturerOf([volumeAt(path)])()), [`${path}: ${OUTSIDE}`]);
    symlinkSync(path, join(dir, `to-${name}`));
    const through = join(dir, `to-${name}`);
    assert.deepEqual(findingsIn(await capturerOf([volumeAt(through)])()), [
      `${through}: ${OUTSIDE}`,
    ]);
  }
});

test('a link of git-sync, and one of the image into a mount, are followed', { skip }, async (t) => {
  const { dir, mount } = mountsOf(t);
  mkdirSync(join(dir, 'git'));
  mount('-t', 'tmpfs', 'none', join(dir, 'git'));
  mkdirSync(join(dir, 'git/worktrees/1/conf'), { recursive: true });
  mkdirSync(join(dir, 'git/links'));
  writeFileSync(join(dir, 'git/worktrees/1/conf/a'), '1');
  symlinkSync('../worktrees/1', join(dir, 'git/links/current'));
  symlinkSync(join(dir, 'git/links/current/conf/a'), join(dir, 'a'));
  for (const path of ['git/links/current/conf', 'a'])
    assert.deepEqual(textsIn(snapshotIn(await capturerOf([volumeAt(join(dir, path))])())), {
      a: '1',
    });
});

test('a directory with too many entries is not read to its end, whatever is left out', async (t) => {
  const path = temporaryDirectory(t);
  execFileSync('bash', ['-c', 'cd "$0" && seq 33000 | xargs touch', path]);
  const message = (count: number) =>
    `the snapshot has more than ${count} files or directories [LG_CAPTURE_TOO_MANY]`;
  assert.deepEqual(findingsIn(await capturerOf([volumeAt(path)])()), [message(4096)]);
  const excluded = volumeAt(path, { include: ['*.yaml'], exclude: ['1*'] });
  assert.deepEqual(findingsIn(await capturerOf([excluded])()), [message(32_768)]);
});

test('two dots hide a name at the top of a volume, and not below', async (t) => {
  const path = temporaryDirectory(t);
  mkdirSync(join(path, 'a/..b'), { recursive: true });
  for (const name of ['a/..b/c.yaml', 'a/..d', '..top']) writeFileSync(join(path, name), 'x');
  assert.deepEqual(textsIn(snapshotIn(await capturerOf([volumeAt(path)])())), {
    'a/..b/c.yaml': 'x',
    'a/..d': 'x',
  });
  // Unless the directory has the kubelet's layout itself.
  mkdirSync(join(path, 'nested/..1'), { recursive: true });
  writeFileSync(join(path, 'nested/..1/key'), 'y');
  symlinkSync('..1', join(path, 'nested/..data'));
  symlinkSync('..data/key', join(path, 'nested/key'));
  const texts = textsIn(snapshotIn(await capturerOf([volumeAt(path)])()));
  assert.deepEqual(Object.keys(texts), ['a/..b/c.yaml', 'a/..d', 'nested/key']);
});
