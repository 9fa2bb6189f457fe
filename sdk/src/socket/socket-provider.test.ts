import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACCEPT } from '../app.testing.ts';
import type { Answer } from '../provider.ts';
import { connect, connected, holdTimers } from './connected.testing.ts';
import { fail, reply, StandIn } from './stand-in.testing.ts';

test('an app starts on the active version, and follows both phases of each later one', async (t) => {
  const { sidecar, app } = await connected(t);
  await sidecar.roll('r1', { a: '2' });
  await sidecar.roll('r2', { a: '3', b: 'x' });
  assert.deepEqual(app.committed, [{ a: '2' }, { a: '3', b: 'x' }]);
  assert.deepEqual(app.prepared, app.committed);
  assert.equal(app.reports.at(-1)?.status, 'ok');
});

test('a veto has its reasons, and nothing changes', async (t) => {
  const { sidecar, app } = await connected(t);
  app.answer = () => ({ verdict: 'reject', reasons: ['too big'] });
  const version = sidecar.prepare('r1', { a: '2' });
  const ack = await sidecar.untilAck('prepare', 'reject', 'r1');
  assert.deepEqual(ack.reasons, ['too big']);
  const rejected = { version, reasons: ['too big'] };
  sidecar.send('abort', { rollout: 'r1', version, reason: 'refused' });
  sidecar.send('state', { status: 'degraded', reason: 'refused', rejected });
  await app.untilReported('degraded');
  assert.deepEqual(app.reports.at(-1), { status: 'degraded', reason: 'refused', rejected });
  assert.deepEqual(app.committed, []);
});

test('an answer is no longer than the sidecar reads', async (t) => {
  const { sidecar, app } = await connected(t);
  const reasons = Array.from({ length: 20 }, () => '\u0001'.repeat(1000));
  app.answer = () => ({ verdict: 'reject', reasons });
  sidecar.prepare('r1', { a: '2' });
  const ack = await sidecar.untilAck('prepare', 'reject', 'r1');
  assert.ok(JSON.stringify(ack).length <= 64 * 1024);
  assert.equal(ack.reasons?.length, 10);
});

test('an abort lets go of what is prepared', async (t) => {
  const { sidecar, app } = await connected(t);
  const version = sidecar.prepare('r1', { a: '2' });
  await sidecar.untilAck('prepare', 'accept', 'r1');
  sidecar.send('abort', { rollout: 'r1', version, reason: 'another app refused it' });
  await app.until(() => app.aborted.length > 0, 'aborted');
  assert.deepEqual(app.aborted, [['r1', 'another app refused it']]);
  assert.equal(app.signals[0]?.aborted, true);
});

test('P6 a newer version ends the one that hangs in prepare', async (t) => {
  const { sidecar, app } = await connected(t);
  const hangs = Promise.withResolvers<Answer>();
  app.answer = ({ rollout }) => (rollout === 'r1' ? hangs.promise : ACCEPT);
  sidecar.prepare('r1', { a: '2' });
  await app.until(() => app.prepared.length === 1, 'prepared');
  await sidecar.roll('r2', { a: '3' });
  hangs.resolve(ACCEPT);
  await sidecar.roll('r3', { a: '4' });
  assert.deepEqual(app.committed, [{ a: '3' }, { a: '4' }]);
  assert.equal(
    sidecar.acks.some(({ rollout }) => rollout === 'r1'),
    false,
  );
});

test('a commit that comes before the answer waits for it', async (t) => {
  const { sidecar, app } = await connected(t);
  const answer = Promise.withResolvers<Answer>();
  app.answer = () => answer.promise;
  const version = sidecar.prepare('r1', { a: '2' });
  sidecar.send('commit', { rollout: 'r1', version });
  await app.until(() => app.prepared.length === 1, 'prepared');
  answer.resolve(ACCEPT);
  await sidecar.untilAck('commit', 'accept', 'r1');
  assert.deepEqual(app.committed, [{ a: '2' }]);
});

test('a rollback is prepared and taken at once', async (t) => {
  const { sidecar, app } = await connected(t);
  const version = sidecar.keep({ a: '1' });
  await sidecar.roll('r1', { a: '2' });
  sidecar.send('rollback', { rollout: 'r1', version, reason: 'the app is not healthy' });
  await sidecar.untilAck('rollback', 'accept', 'r1');
  assert.deepEqual(app.committed, [{ a: '2' }, { a: '1' }]);
  assert.deepEqual(app.reasons, ['changed', 'rollback']);
  // And again, as the sidecar may not have got the answer.
  sidecar.acks.length = 0;
  sidecar.send('rollback', { rollout: 'r1', version, reason: 'the app is not healthy' });
  await sidecar.untilAck('rollback', 'accept', 'r1');
  assert.equal(app.committed.length, 2);
});

test('the sidecar gets the reasons of an app that cannot start', async (t) => {
  const sidecar = await StandIn.listen(t, { a: '1' });
  const { provider, start } = connect(t, sidecar);
  await start();
  holdTimers(t);
  provider.started?.({ verdict: 'reject', reasons: ['a: too small'] });
  // The app closes it at once.
  await provider.close();
  assert.deepEqual(sidecar.acks, [
    {
      event: 'start',
      version: sidecar.activate({ a: '1' }),
      verdict: 'reject',
      reasons: ['a: too small'],
    },
  ]);
  assert.deepEqual(sidecar.left, ['s1']);
});

test('a version that comes while the app starts waits for it', async (t) => {
  const sidecar = await StandIn.listen(t, { a: '1' });
  const held = Promise.withResolvers<void>();
  sidecar.instead.set('/versions/', () => held.resolve());
  const { app, start } = connect(t, sidecar);
  const started = start();
  await held.promise;
  sidecar.instead.clear();
  // The first answer never comes: this one does not end it.
  await sidecar.roll('r1', { a: '2' });
  assert.deepEqual(app.committed, [{ a: '2' }]);
  sidecar.cut();
  await started;
});

test('without a name, the only bundle is taken', async (t) => {
  const sidecar = await StandIn.listen(t, { a: '1' });
  await connect(t, sidecar, {}).start();
  sidecar.bundles = ['model', 'db'];
  await assert.rejects(connect(t, sidecar, {}).start(), {
    code: 'LG_SDK_OPTION',
    message: 'the option bundle must be one of model, db',
  });
});

test('a bundle that is not there is an error with those that are', async (t) => {
  const sidecar = await StandIn.listen(t, { a: '1' });
  await assert.rejects(connect(t, sidecar, { bundle: 'modle' }).start(), {
    code: 'LG_SDK_OPTION',
    message:
      'the option bundle must be a bundle with a target `subscribers` (model), and is "modle"',
  });
});

test('while there is no good version, the reason is that of the sidecar', async (t) => {
  const sidecar = await StandIn.listen(t);
  const { app, start } = connect(t, sidecar);
  const started = start();
  await app.untilReported('disconnected');
  assert.deepEqual(app.reports.at(-1), { status: 'disconnected', reason: 'no good version yet' });
  sidecar.send('start', { version: sidecar.activate({ a: '1' }) });
  await started;
  assert.equal(app.reports.at(-1)?.status, 'ok');
});

test('P8 secret files are marked', async (t) => {
  const sidecar = await StandIn.listen(t);
  sidecar.activate({ a: '1', 'db/password': 'x' }, ['db/password']);
  const { files } = await connect(t, sidecar).start();
  assert.deepEqual(
    files.map(({ path, secret }) => [path, secret]),
    [
      ['a', false],
      ['db/password', true],
    ],
  );
});

test('a version that cannot be fetched is a reason, and is fetched when it can be', async (t) => {
  const { sidecar, app } = await connected(t);
  sidecar.instead.set('/versions/', (_, response) => fail(response, 500, 'out of memory'));
  const version = sidecar.prepare('r1', { a: '2' });
  await app.untilReported('degraded');
  assert.deepEqual(app.reports.at(-1), { status: 'degraded', reason: 'out of memory' });
  sidecar.instead.clear();
  await sidecar.untilAck('prepare', 'accept', 'r1');
  assert.equal(app.reports.at(-1)?.status, 'ok');
  sidecar.send('commit', { rollout: 'r1', version });
  await app.untilCommitted({ a: '2' });
});

test('an answer that does not arrive is sent again', async (t) => {
  const { sidecar } = await connected(t);
  sidecar.instead.set('/acks', (_, response) => {
    sidecar.instead.clear();
    reply(response, 500, {});
  });
  await sidecar.roll('r1', { a: '2' });
});

test('close leaves, and nothing is called after it', async (t) => {
  const { sidecar, provider, app } = await connected(t);
  holdTimers(t);
  const closed = provider.close();
  await Promise.all([closed, provider.close()]);
  const { length } = app.reports;
  assert.deepEqual(sidecar.left, ['s1']);
  await sidecar.close();
  assert.equal(app.reports.length, length);
});

test('an app that closes takes part in nothing more', async (t) => {
  const { sidecar, provider, app } = await connected(t);
  const answering = Promise.withResolvers<void>();
  // The first answer is on its way while it closes.
  sidecar.instead.set('/acks', () => answering.resolve());
  const version = sidecar.prepare('r1', { a: '2' });
  await answering.promise;
  const closed = provider.close();
  sidecar.send('commit', { rollout: 'r1', version });
  sidecar.prepare('r2', { a: '3' });
  await closed;
  assert.deepEqual([app.prepared, app.committed], [[{ a: '2' }], []]);
});

test('close does not wait for a sidecar that hangs', async (t) => {
  const { sidecar, provider } = await connected(t);
  sidecar.instead.set('/v1/subscribers', () => {});
  await provider.close();
});

test('start rejects with the reason of its signal, or if the provider is closed', async (t) => {
  const sidecar = await StandIn.listen(t);
  const reason = new Error('too late');
  await assert.rejects(connect(t, sidecar).start(AbortSignal.abort(reason)), reason);
  const { app, provider, start } = connect(t, sidecar);
  const started = assert.rejects(start(), { code: 'LG_SDK_CLOSED' });
  await app.untilReported('disconnected');
  await provider.close();
  await started;
  await assert.rejects(start(), { code: 'LG_SDK_CLOSED' });
});
