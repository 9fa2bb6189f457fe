import assert from 'node:assert/strict';
import {
  appendFileSync,
  lstatSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEADLINE_MS } from '../../../test/deadline.ts';
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

test('a volume that keeps changing is reported within a bounded time', async (t) => {
  const path = temporaryDirectory(t);
  const file = join(path, 'log');
  writeFileSync(file, 'x');
  const restless: Clock = {
    ...systemClock,
    // Whatever this machine is busy with, the last edit was just now …
    wallMs: () => statSync(file).ctimeMs,
    // … and the next one comes before the next check.
    sleep: async (ms, signal) => {
      await systemClock.sleep(ms, signal);
      appendFileSync(file, 'x');
    },
  };
  assert.match(
    findingsIn(await capturerOf([volumeAt(path)], { clock: restless })()).join(),
    /kept changing while it was read, 25 times in a row \[LG_CAPTURE_UNSTABLE\]$/,
  );
});

test('a capture waits for the links that the kubelet makes after its swap', async (t) => {
  const hold = Promise.withResolvers<void>();
  const swapped = Promise.withResolvers<void>();
  const { path, write } = kubeletVolume(t, {
    onStep: async (step) => {
      if (step !== 'link-names') return;
      swapped.resolve();
      await hold.promise;
    },
  });
  const writing = write({ 'a.yaml': '1', 'sub/b.yaml': '2' });
  await swapped.promise;
  let waits = 0;
  const sleep: Clock['sleep'] = async (ms, signal) => {
    waits += 1;
    // The deadline of the capture, and waits for the links.
    if (waits === 5) hold.resolve();
    await systemClock.sleep(ms, signal);
  };
  // However slow this machine is, the time for the links is not over.
  const clock = { ...systemClock, nowMs: () => 0, sleep };
  const captured = await capturerOf([volumeAt(path)], { clock })();
  assert.ok(waits >= 5, 'it did not wait');
  assert.deepEqual(textsIn(snapshotIn(captured)), { 'a.yaml': '1', 'sub/b.yaml': '2' });
  await writing;
  assert.ok(lstatSync(join(path, 'sub')).isSymbolicLink());
});

test('a capture waits for missing links only once, and for a bounded time', async (t) => {
  const { path, write } = kubeletVolume(t, {
    onStep: (step) => {
      if (step === 'link-names') throw new Error('the kubelet was killed');
    },
  });
  await assert.rejects(write({ 'a.yaml': '1' }));
  const sleep = t.mock.fn(systemClock.sleep);
  const capture = capturerOf([volumeAt(path)], { clock: { ...systemClock, sleep } });
  assert.deepEqual(textsIn(snapshotIn(await capture())), { 'a.yaml': '1' });
  sleep.mock.resetCalls();
  snapshotIn(await capture());
  const waitsMs = sleep.mock.calls.map((call) => call.arguments[0]);
  assert.deepEqual(waitsMs, [DEADLINE_MS], 'nothing but the deadline of the capture');
});

test('the links of an older kubelet before its first swap cause no finding', async (t) => {
  const linked = Promise.withResolvers<void>();
  const hold = Promise.withResolvers<void>();
  const { path, write } = kubeletVolume(t, {
    order: 'old',
    onStep: async (step) => {
      if (step !== 'link-data-tmp') return;
      linked.resolve();
      await hold.promise;
    },
  });
  const writing = write({ 'a.yaml': '1' });
  await linked.promise;
  assert.ok(lstatSync(join(path, 'a.yaml')).isSymbolicLink());
  const sleep: Clock['sleep'] = async (ms, signal) => {
    // Not its deadline: it has found the links, and tries again.
    if (ms !== DEADLINE_MS) hold.resolve();
    await systemClock.sleep(ms, signal);
  };
  const capture = capturerOf([volumeAt(path)], { clock: { ...systemClock, sleep } });
  assert.deepEqual(textsIn(snapshotIn(await capture())), { 'a.yaml': '1' });
  await writing;
});

test('two calls do not overlap: the second sees what changed after the first began', async (t) => {
  const { path, write } = kubeletVolume(t);
  await write({ a: '1' });
  const capture = capturerOf([volumeAt(path)]);
  const first = capture();
  await write({ a: '2' });
  const second = capture();
  assert.match(textsIn(snapshotIn(await first)).a ?? '', /^[12]$/);
  assert.deepEqual(textsIn(snapshotIn(await second)), { a: '2' });
});

test('a file that is renamed over another one is found, although its times are old', async (t) => {
  const path = temporaryDirectory(t);
  writeFileSync(join(path, 'a'), '1');
  const capture = capturerOf([volumeAt(path)]);
  const before = snapshotIn(await capture());
  writeFileSync(join(path, 'b'), '2');
  utimesSync(join(path, 'b'), 1, 1);
  renameSync(join(path, 'b'), join(path, 'a'));
  assert.notEqual(snapshotIn(await capture()).version, before.version);
});
