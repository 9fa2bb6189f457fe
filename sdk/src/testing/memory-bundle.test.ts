import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { z } from 'zod';
import { createTestBundle } from './index.ts';

const schema = z.object({ batch_size: z.number().max(64) });
const view = { file: 'config.yaml', schema };

function sized(size: number) {
  return { 'config.yaml': `batch_size: ${size}\n` };
}

test('a good version is active once push resolves, and a bad one is refused with line and column', async () => {
  await using bundle = createTestBundle(sized(8));
  const config = await bundle.connect(view);
  assert.equal(config.current.batch_size, 8);
  const changed = await bundle.push(sized(16));
  assert.deepEqual([changed.verdict, changed.reasons], ['accept', []]);
  assert.deepEqual([config.current.batch_size, config.version], [16, changed.version]);

  const { verdict, reasons, version } = await bundle.push(sized(128));
  assert.equal(verdict, 'reject');
  assert.match(reasons.join(), /^config\.yaml:1:13: .*batch_size .*64.* \[LG_VALIDATE_SCHEMA\]$/);
  assert.equal(config.current.batch_size, 16);
  assert.equal(config.state.status, 'degraded');
  assert.deepEqual(config.state.rejected, { version, reasons });

  await bundle.push(sized(16));
  assert.equal(config.state.status, 'ok');
});

test('push changes the files that it names; an undefined one is gone', async () => {
  await using bundle = createTestBundle({ a: '1', b: '2' });
  const config = await bundle.connect();
  await bundle.push({ b: Buffer.from('3'), c: '4' });
  await bundle.push({ a: undefined });
  assert.deepEqual(
    config.snapshot().files.map(({ path }) => [path, config.snapshot().text(path)]),
    [
      ['b', '3'],
      ['c', '4'],
    ],
  );
});

test('values of secret files are hidden', async () => {
  await using bundle = createTestBundle({ 'db/password': 'hunter2' }, { secret: ['db'] });
  const { current } = await bundle.connect({ keys: 'db' });
  assert.equal(JSON.stringify(current), '{"password":"[secret]"}');
});

test('a version that another one rejects is prepared, then aborted', async () => {
  await using bundle = createTestBundle(sized(8));
  const config = await bundle.connect(view);
  const calls: string[] = [];
  config.prepare(({ batch_size }) => {
    calls.push(`prepare ${batch_size}`);
    return { commit: () => calls.push('commit'), abort: () => calls.push('abort') };
  });
  bundle.rejectNext('the other pod cannot');
  const { verdict, reasons } = await bundle.push(sized(16));
  assert.deepEqual([verdict, reasons], ['reject', ['the other pod cannot']]);
  assert.deepEqual(calls, ['prepare 16', 'abort']);
  assert.equal(config.state.reason, 'the other pod cannot');
  assert.equal((await bundle.push(sized(16))).verdict, 'accept');
  assert.deepEqual(calls.slice(2), ['prepare 16', 'commit']);
});

test('P5 all apps of a bundle accept a version, or none gets it', async () => {
  await using bundle = createTestBundle(sized(8));
  const lax = await bundle.connect({ file: 'config.yaml' });
  const strict = await bundle.connect(view);
  const { verdict } = await bundle.push(sized(128));
  assert.equal(verdict, 'reject');
  assert.deepEqual([lax.current, strict.current], [{ batch_size: 8 }, { batch_size: 8 }]);
  assert.deepEqual(lax.state.rejected, strict.state.rejected);
  await strict.close();
  assert.equal((await bundle.push(sized(128))).verdict, 'accept');
  assert.deepEqual(lax.current, { batch_size: 128 });
  assert.deepEqual(strict.current, { batch_size: 8 });
});

test('a version that is held is prepared and not active; a newer one takes its place', async () => {
  await using bundle = createTestBundle(sized(8));
  const config = await bundle.connect(view);
  const prepared = Promise.withResolvers<void>();
  config.prepare(() => prepared.resolve());
  const release = bundle.holdNext();
  const held = bundle.push(sized(16));
  await prepared.promise;
  assert.equal(config.current.batch_size, 8);
  release();
  assert.equal((await held).verdict, 'accept');
  assert.equal(config.current.batch_size, 16);

  bundle.holdNext();
  const older = bundle.push(sized(17));
  const newer = bundle.push(sized(18));
  assert.deepEqual((await older).reasons, ['a newer version has come']);
  assert.equal((await newer).verdict, 'accept');
  assert.equal(config.current.batch_size, 18);
  assert.equal(config.state.status, 'ok');
});

test('an app that connects while a version is held gets it with the others', async () => {
  await using bundle = createTestBundle(sized(8));
  const first = await bundle.connect(view);
  const release = bundle.holdNext();
  const held = bundle.push(sized(16));
  const second = await bundle.connect(view);
  assert.equal(second.current.batch_size, 8);
  release();
  await held;
  assert.deepEqual([first.current, second.current], [{ batch_size: 16 }, { batch_size: 16 }]);
});

test('a part that cannot change in a running process needs a restart', async () => {
  await using bundle = createTestBundle(sized(8));
  const config = await bundle.connect(view);
  config.needsRestart(({ batch_size }) => [batch_size]);
  assert.equal((await bundle.push(sized(16))).verdict, 'restart');
  assert.equal(config.state.status, 'pending-restart');
});

test('a rollback goes back to the version before, and the state says why', async () => {
  await using bundle = createTestBundle(sized(8));
  const config = await bundle.connect(view);
  await assert.rejects(bundle.rollback(), /no version before/);
  const { version } = await bundle.push(sized(16));
  await bundle.push(sized(16));
  await bundle.rollback('the health check fails');
  assert.equal(config.current.batch_size, 8);
  assert.equal(config.state.status, 'degraded');
  assert.deepEqual(config.state.rejected, { version, reasons: ['the health check fails'] });
  await assert.rejects(bundle.rollback(), /no version before/);
});

test('while it is disconnected the app keeps its value, and connect waits', async () => {
  await using bundle = createTestBundle(sized(8));
  const config = await bundle.connect(view);
  await bundle.push(sized(128));
  bundle.disconnect('the sidecar restarts');
  assert.deepEqual(
    [config.state.status, config.state.reason],
    ['disconnected', 'the sidecar restarts'],
  );
  await assert.rejects(bundle.push(sized(9)), /call reconnect\(\) first/);
  await assert.rejects(bundle.connect({ ...view, timeoutMs: 1 }), /the sidecar restarts/);
  const waiting = bundle.connect(view);
  bundle.reconnect();
  assert.equal((await waiting).current.batch_size, 8);
  assert.deepEqual([config.state.status, (await waiting).state.status], ['degraded', 'degraded']);
  assert.equal((await bundle.push(sized(9))).verdict, 'accept');
});

test('close ends a connect that waits while it is disconnected', async () => {
  const bundle = createTestBundle(sized(8));
  bundle.disconnect();
  const refused = assert.rejects(bundle.connect(view), { code: 'LG_SDK_CLOSED' });
  await bundle.close();
  await refused;
});

test('what the test does with its object of files changes no version', async () => {
  const files = sized(8);
  await using bundle = createTestBundle(files);
  const config = await bundle.connect(view);
  Object.assign(files, sized(16));
  await bundle.push(files);
  assert.equal(config.current.batch_size, 16);
  await bundle.rollback();
  assert.equal(config.current.batch_size, 8);
});

test('to disconnect aborts the version in progress', async () => {
  await using bundle = createTestBundle(sized(8));
  const config = await bundle.connect(view);
  bundle.holdNext();
  const held = bundle.push(sized(16));
  bundle.disconnect('gone');
  assert.deepEqual((await held).reasons, ['gone']);
  bundle.reconnect();
  assert.equal(config.state.status, 'ok');
  assert.equal(config.current.batch_size, 8);
});

test('close ends the version that is held', async () => {
  const bundle = createTestBundle(sized(8));
  const config = await bundle.connect(view);
  bundle.holdNext();
  const held = bundle.push(sized(16));
  await bundle.close();
  assert.deepEqual((await held).reasons, ['the bundle is closed']);
  assert.equal(config.current.batch_size, 8);
});

test('fake timers change nothing', async () => {
  mock.timers.enable();
  try {
    await using bundle = createTestBundle(sized(8));
    const config = await bundle.connect(view);
    assert.equal((await bundle.push(sized(16))).verdict, 'accept');
    assert.equal(config.current.batch_size, 16);
    await bundle.rollback();
  } finally {
    mock.timers.reset();
  }
});

test('expectNoLeases finds a user who does not let go, in any view', async () => {
  await using bundle = createTestBundle({ ...sized(8), 'other.json': '{"n": 1}' });
  const config = await bundle.connect(view);
  const other = await config.view({ file: 'other.json', schema: z.object({ n: z.number() }) });
  const models = await config.resource({
    select: ({ batch_size }) => batch_size,
    open: (size) => ({ size }),
  });
  const others = await other.resource({ select: ({ n }) => n, open: (n) => ({ n }) });
  await models.use(() => {});
  bundle.expectNoLeases();
  const lease = await models.acquire();
  const { resources } = await bundle.push(sized(16));
  assert.deepEqual(resources, { open: 3, inUse: 1, draining: 1 });
  assert.throws(() => bundle.expectNoLeases(), /open leases: 1; old resources .*: 1/);
  lease.release();
  (await others.acquire()).release();
  bundle.expectNoLeases();
});
