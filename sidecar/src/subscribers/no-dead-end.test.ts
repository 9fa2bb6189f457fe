/** Processes that refuse or hang, and do not hold back what comes after. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, confirmExcept, World } from './hub.testing.ts';

test('a fix reaches processes that cannot go back to the last good version (P6)', async () => {
  const world = new World({ confirm: confirmExcept('v2') });
  await world.start();
  const app = await new App(world, 'app', (_, event) =>
    event === 'rollback' ? 'reject' : 'accept',
  ).connect();
  await world.write('v2');
  await world.clock.pass(20_000);
  assert.equal(app.runs, 'v2');
  await world.write('v3');
  await world.clock.pass(60_000);
  assert.deepEqual([app.runs, world.ends.at(-1)], ['v3', 'v3 committed']);
});

test('a fix that takes long to prepare reaches them too, and a refused one leads back (P6)', async () => {
  const world = new World({ confirm: confirmExcept('v2', 'v4') });
  await world.start();
  let isCured = false;
  const app = await new App(world, 'app', (version, event) => {
    if (event === 'rollback') return isCured ? 'accept' : 'reject';
    return event === 'prepare' && !['v2', 'v4'].includes(version) ? 'nothing' : 'accept';
  }).connect();
  await world.write('v2');
  await world.clock.pass(60_000);
  const answer = async (version: string, verdict: 'accept' | 'reject') => {
    await world.write(version);
    await world.clock.pass(200_000);
    const rollout = world.state.checking?.rollout ?? '';
    assert.equal(app.ack({ event: 'prepare', rollout, version, verdict }), true);
    await world.clock.pass(0);
  };
  isCured = true;
  await answer('v3', 'reject');
  await world.clock.pass(60_000);
  assert.deepEqual([app.runs, world.ends.at(-1)], ['v1', 'v2 rolled-back']);
  isCured = false;
  await world.write('v4');
  await world.clock.pass(60_000);
  await answer('v5', 'accept');
  await world.clock.pass(60_000);
  assert.deepEqual([app.runs, world.ends.at(-1)], ['v5', 'v5 committed']);
});

test('processes that start one after the other and never run delay a version by 5 s at most (P6)', async () => {
  const world = new World();
  await world.start();
  const app = await new App(world, 'app').connect();
  const next = async () => {
    const started = await new App(world, 'late', () => 'nothing').connect();
    await world.clock.pass(4_000);
    return started;
  };
  let last = await next();
  await world.write('v2');
  for (let round = 0; round < 3; round++) {
    const started = await next();
    await last.disconnect();
    last = started;
  }
  assert.equal(app.runs, 'v2');
});

test('a first version is proven once a process runs on it, although one before has refused it', async () => {
  const world: World = new World({
    confirm: async ({ signal }) => {
      const refused = world.hub.refusal(signal).then((refusal = { findings: [] }) => {
        return { accepted: false, ...refusal };
      });
      const proven = async () => {
        do await world.clock.sleep(100, signal);
        while (app.runs !== 'v1');
        return { accepted: true, findings: [] };
      };
      return Promise.race([refused, proven()]);
    },
  });
  let isBroken = true;
  const app = new App(world, 'app', () => (isBroken ? 'reject' : 'accept'));
  await world.start();
  await app.connect();
  await world.clock.pass(1_000);
  assert.equal(world.state.active, null);
  isBroken = false;
  await app.restart();
  await world.clock.pass(120_000);
  assert.deepEqual([app.runs, world.state.active], ['v1', 'sha256:v1']);
});

test('a process that hangs holds back no version that waits for a restart', async () => {
  for (const unanswered of ['fault', 'ignore'] as const) {
    const world = new World({ unanswered });
    await world.start();
    const app = new App(world, 'app', (_, event) => (event === 'prepare' ? 'restart' : 'accept'));
    await app.connect();
    await world.write('v2');
    assert.equal(world.state.phase.name, 'pending-restart');
    const hanging = new App(world, 'hanging', (_, event) =>
      event === 'prepare' ? 'nothing' : 'accept',
    );
    await hanging.connect();
    await world.clock.pass(1_000);
    await app.restart();
    await world.clock.pass(310_000);
    assert.equal(app.runs, 'v2', unanswered);
  }
});

test('an app that ends each time it prepares what was published is not asked without end', async () => {
  const world = new World();
  await world.start();
  await world.write('v2');
  assert.equal(world.published.at(-1), 'v2', 'published, as no process runs');
  const app = new App(world, 'app', (version) => (version === 'v2' ? 'nothing' : 'accept'));
  let asked = 0;
  world.onSend = (_, { event }) => {
    if (event === 'prepare') asked += 1;
  };
  for (let second = 0; second < 600; second += 10) {
    await app.restart();
    await world.clock.pass(2_000);
    if (app.heard.includes('prepare v2')) await app.disconnect();
    app.heard = [];
    await world.clock.pass(8_000);
  }
  assert.ok(asked <= 5, `asked ${asked} times`);
  assert.deepEqual([app.runs, world.ends.at(-1)], ['v1', 'v2 rolled-back']);
});
