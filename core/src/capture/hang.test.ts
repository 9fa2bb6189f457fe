import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { systemClock as clock } from '../model/clock.ts';
import { capturerOf, findingsIn, snapshotIn, volumeAt } from './capture.testing.ts';
import { captureDirectory } from './capture.ts';
import { createLimiter, LimiterClosed } from './limiter.ts';

/**
 * Mounts a file system whose server never answers, as an NFS server that went away; `release` lets
 * it die, so that every call to it returns. Undefined where this machine cannot mount.
 */
function mountHanging(t: TestContext): { path: string; release: () => void } | undefined {
  const path = mkdtempSync(join(tmpdir(), 'lastgood-hanging-'));
  const fds: number[] = [];
  const release = () => {
    for (const fd of fds.splice(0)) closeSync(fd);
    spawnSync('umount', ['-l', path], { stdio: 'ignore' });
  };
  t.after(() => {
    // In this order: removing would hang as well.
    release();
    rmSync(path, { recursive: true });
  });
  writeFileSync(join(path, 'a'), 'under the mount');
  try {
    fds.push(openSync('/dev/fuse', 'r+'));
  } catch {
    return undefined;
  }
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
  const mounted = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'hanging', path], {
    stdio: ['ignore', 'ignore', 'ignore', fds[0]],
  });
  return mounted.status === 0 ? { path, release } : undefined;
}

test('a file system that hangs blocks neither the event loop nor the thread pool, and is read again later', async (t) => {
  const mount = mountHanging(t);
  if (mount === undefined) return t.skip('needs root and /dev/fuse to mount a file system');
  const { path, release } = mount;
  const sleep = t.mock.fn(clock.sleep);
  const capture = capturerOf([volumeAt(path)], { timeoutMs: 200, clock: { ...clock, sleep } });
  const timedOut = findingsIn(await capture());
  assert.equal(timedOut.length, 1);
  // The path below which it hangs, or on a busy machine the call before that one.
  const [first = ''] = timedOut;
  const said = ': reading the volume took longer than 200ms [LG_CAPTURE_TIMEOUT]';
  assert.ok([`${path}/..data${said}`, path + said].includes(first), first);
  const waited = sleep.mock.callCount();
  for (let count = 0; count < 20; count++) assert.deepEqual(findingsIn(await capture()), timedOut);
  assert.equal(sleep.mock.callCount(), waited, 'waited again for a read that is known to hang');
  assert.match(await readFile(import.meta.filename, 'utf8'), /^import/, 'a thread is left');
  release();
  const deadlineMs = performance.now() + DEADLINE_MS;
  let captured = await capture();
  while (!captured.ok) {
    assert.ok(performance.now() < deadlineMs, findingsIn(captured).join());
    await nextTurn();
    captured = await capture();
  }
  assert.equal(captured.snapshot.files.length, 1);
});

test('a limiter bounds the calls, keeps their order, and allows none after close', async () => {
  const gate = createLimiter(2);
  const calls = ['a', 'b', 'c', 'd'].map((path) => ({ path, ...Promise.withResolvers<string>() }));
  const begun: string[] = [];
  const results = calls.map(({ path, promise }) =>
    gate
      .run(path, () => {
        begun.push(path);
        return promise;
      })
      .catch((error) => error),
  );
  await nextTurn();
  assert.deepEqual(begun, ['a', 'b']);
  assert.equal(gate.waitingFor(), 'a');
  calls[0]?.resolve('done');
  await nextTurn();
  assert.deepEqual(begun, ['a', 'b', 'c']);
  assert.equal(gate.waitingFor(), 'b');
  gate.close();
  assert.ok((await results[3]) instanceof LimiterClosed);
  calls[1]?.resolve('late');
  assert.equal(await results[1], 'late');
  await assert.rejects(
    gate.run('e', async () => 'never'),
    LimiterClosed,
  );
  assert.deepEqual(begun, ['a', 'b', 'c']);
});

test('reading back a directory with a version key makes all of it secret', async (t) => {
  const path = temporaryDirectory(t);
  writeFileSync(join(path, 'a'), '1');
  const read = async (versionKey?: Buffer) => {
    const key = versionKey === undefined ? {} : { versionKey };
    const { files } = snapshotIn(await captureDirectory(path, { clock, ...key }));
    return files.map((file) => file.secret);
  };
  assert.deepEqual([await read(), await read(Buffer.alloc(32))], [[false], [true]]);
});
