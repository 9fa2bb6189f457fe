import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import {
  capturerOf,
  findingsIn,
  kubeletVolume,
  snapshotIn,
  textsIn,
  volumeAt,
} from './capture.testing.ts';

test('a volume of one file is captured under its name, without its neighbours', async (t) => {
  const dir = temporaryDirectory(t);
  const path = join(dir, 'config.yaml');
  writeFileSync(path, 'a', { mode: 0o640 });
  writeFileSync(join(dir, 'neighbour'), 'b');
  const snapshot = snapshotIn(await capturerOf([volumeAt(path)])());
  const { mtimeMs } = lstatSync(path);
  assert.deepEqual(textsIn(snapshot), { 'config.yaml': 'a' });
  assert.deepEqual([snapshot.files[0]?.mode, snapshot.writtenAtMs], [0o640, Math.floor(mtimeMs)]);
  const inside = await capturerOf([volumeAt(path, { at: 'conf.d/app', secret: true })])();
  assert.deepEqual(
    snapshotIn(inside).files.map((file) => [file.path, file.secret]),
    [['conf.d/app/config.yaml', true]],
  );
});

test('a file is captured again after an edit in place, a rename over it, and a removal', async (t) => {
  const path = join(temporaryDirectory(t), 'config.yaml');
  const capture = capturerOf([volumeAt(path)]);
  const missing = [`the volume ${path} does not exist [LG_CAPTURE_MISSING]`];
  assert.deepEqual(findingsIn(await capture()), missing);
  writeFileSync(path, 'one');
  assert.deepEqual(textsIn(snapshotIn(await capture())), { 'config.yaml': 'one' });
  writeFileSync(path, 'two');
  assert.deepEqual(textsIn(snapshotIn(await capture())), { 'config.yaml': 'two' });
  writeFileSync(`${path}~`, 'new');
  renameSync(`${path}~`, path);
  assert.deepEqual(textsIn(snapshotIn(await capture())), { 'config.yaml': 'new' });
  rmSync(path);
  assert.deepEqual(findingsIn(await capture()), missing);
  // What was a file may as well become a directory.
  mkdirSync(path);
  writeFileSync(join(path, 'a'), '1');
  assert.deepEqual(textsIn(snapshotIn(await capture())), { a: '1' });
});

test('a file in a kubelet volume changes by a swap, and needs no idle time', async (t) => {
  const { path, write } = kubeletVolume(t);
  const volumes = ['a.yaml', 'sub/b.yaml'].map((name) => volumeAt(join(path, name)));
  const waitsMs: number[] = [];
  const sleep: Clock['sleep'] = (ms, signal) => {
    waitsMs.push(ms);
    return systemClock.sleep(ms, signal);
  };
  const capture = capturerOf(volumes, { clock: { ...systemClock, sleep }, timeoutMs: 30_000 });
  for (const text of ['1', '2', '3']) {
    await write({ 'a.yaml': text, 'sub/b.yaml': text, other: text });
    const snapshot = snapshotIn(await capture());
    assert.deepEqual(textsIn(snapshot), { 'a.yaml': text, 'b.yaml': text });
    assert.equal(snapshot.writtenAtMs, Math.floor(lstatSync(join(path, '..data')).mtimeMs));
  }
  assert.deepEqual(waitsMs, [30_000, 30_000, 30_000], 'nothing but the deadline of each capture');
});

test('P1 half a file is not captured: its writer must have been idle for a while', async (t) => {
  const path = join(temporaryDirectory(t), 'config.yaml');
  writeFileSync(path, 'the first half of');
  const after = async (ms: number) => {
    const clock: Clock = { ...systemClock, wallMs: () => statSync(path).ctimeMs + ms };
    return capturerOf([volumeAt(path)], { clock })();
  };
  assert.match(findingsIn(await after(60)).join(), /LG_CAPTURE_UNSTABLE/);
  // The source calls after 100 ms without an event, and that capture must not have to wait.
  assert.deepEqual(textsIn(snapshotIn(await after(95))), { 'config.yaml': 'the first half of' });
});

test('a path that is a link to a file is followed, and the name is its own', async (t) => {
  const dir = temporaryDirectory(t);
  mkdirSync(join(dir, 'releases/2'), { recursive: true });
  writeFileSync(join(dir, 'releases/1.yaml'), '1');
  writeFileSync(join(dir, 'releases/2/app.yaml'), '2');
  const path = join(dir, 'current.yaml');
  symlinkSync('releases/1.yaml', path);
  const capture = capturerOf([volumeAt(path)]);
  assert.deepEqual(textsIn(snapshotIn(await capture())), { 'current.yaml': '1' });
  symlinkSync('releases/2/app.yaml', `${path}~`);
  renameSync(`${path}~`, path);
  assert.deepEqual(textsIn(snapshotIn(await capture())), { 'current.yaml': '2' });
});

test('limits, include and exclude hold for a file as for a directory', async (t) => {
  const path = join(temporaryDirectory(t), 'config.yaml');
  writeFileSync(path, 'x'.repeat(1_025));
  assert.deepEqual(findingsIn(await capturerOf([volumeAt(path)], { maxSizeBytes: 1_024 })()), [
    'the snapshot is larger than maxSize, 1Ki [LG_CAPTURE_TOO_LARGE]',
  ]);
  for (const choice of [{ exclude: ['*.yaml'] }, { include: ['*.json'] }]) {
    assert.deepEqual(findingsIn(await capturerOf([volumeAt(path, choice)])()), [
      'the volumes of this bundle have no files [LG_CAPTURE_EMPTY]',
    ]);
  }
  assert.match(
    findingsIn(await capturerOf([volumeAt(path), volumeAt(path)])()).join(),
    /^config\.yaml: .*\[LG_CAPTURE_COLLISION\]$/,
  );
});

test('a path that is a FIFO or a device is reported at once and never opened', async (t) => {
  const fifo = join(temporaryDirectory(t), 'fifo');
  execFileSync('mkfifo', [fifo]);
  for (const path of [fifo, '/dev/null']) {
    assert.deepEqual(findingsIn(await capturerOf([volumeAt(path)])()), [
      `the volume ${path} is neither a directory nor a file [LG_CAPTURE_NOT_A_DIRECTORY]`,
    ]);
  }
});

test('a rotated token that is excluded gives the same version, and the very same files', async (t) => {
  const { path, write } = kubeletVolume(t);
  const capture = capturerOf([volumeAt(path, { exclude: ['token'] })]);
  await write({ 'ca.crt': 'c', namespace: 'n', token: 'one' });
  const before = snapshotIn(await capture());
  await write({ 'ca.crt': 'c', namespace: 'n', token: 'two, and longer' });
  const after = snapshotIn(await capture());
  assert.deepEqual(Object.keys(textsIn(after)), ['ca.crt', 'namespace']);
  assert.equal(after.version, before.version);
  assert.equal(after.files, before.files);
});
