/** Processes that find out late that they need a restart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, type Says, World, type WorldOptions } from './hub.testing.ts';

/** The second version needs a restart of a process that runs on another one. */
const needsRestart: Says = (version, event) =>
  version === 'v2' && event === 'prepare' ? 'restart' : 'accept';

/** A bundle that runs on v1, and has published v2, for which no process is there yet. */
async function absentScene(options: WorldOptions = {}) {
  const world = new World(options);
  await world.start();
  await world.write('v2');
  assert.deepEqual(world.published, ['v1', 'v2']);
  return { world, app: new App(world, 'app', needsRestart) };
}

function heard({ heard: all }: App): string[] {
  return all.filter((name) => name !== 'state');
}

test('P5: a need that shows at the delivery leads back to the last good version, then to the wait', async () => {
  const { world, app } = await absentScene();
  await world.clock.pass(1_000);
  await app.connect();
  await world.clock.pass(2_000);
  assert.equal(world.state.phase.name, 'pending-restart');
  assert.deepEqual(world.published, ['v1', 'v2', 'v1']);
  assert.deepEqual(heard(app), ['start v1', 'prepare v2']);
  await world.clock.pass(60_000);
  assert.equal(world.state.phase.name, 'pending-restart');
  await app.restart();
  await world.clock.pass(10_000);
  assert.deepEqual([app.runs, world.ends.at(-1)], ['v2', 'v2 committed']);
});

test('with a restart target, a need that shows at the delivery leads to a restart', async () => {
  const { world, app } = await absentScene({ config: { conditionalTargets: [0] } });
  let restarts = 0;
  world.restart = async () => {
    restarts += 1;
    await app.restart();
  };
  await app.connect();
  await world.clock.pass(10_000);
  assert.equal(restarts, 1);
  assert.deepEqual(heard(app), ['start v1', 'prepare v2', 'start v2']);
  assert.deepEqual([app.runs, world.ends.at(-1)], ['v2', 'v2 committed']);
});

/** The second version is on probation with one process that runs on it, then another one comes. */
async function lateScene(options: WorldOptions = {}) {
  const world: World = new World({
    ...options,
    confirm: async ({ version, signal }) => {
      if (version === 'sha256:v1' || late.runs === 'v2') return { accepted: true, findings: [] };
      const refusal = await world.hub.refusal(signal);
      return refusal ? { accepted: false, ...refusal } : { accepted: true, findings: [] };
    },
  });
  const late = new App(world, 'late', needsRestart);
  await world.start();
  const first = await new App(world, 'first').connect();
  await world.write('v2');
  assert.equal(world.state.phase.name, 'confirming');
  return { world, first, late };
}

test('P5: a process that comes in the probation and needs a restart stops the commit', async () => {
  const { world, first, late } = await lateScene();
  await late.connect();
  await world.clock.pass(5_000);
  assert.equal(world.state.phase.name, 'pending-restart');
  assert.deepEqual([first.runs, late.runs, world.published.at(-1)], ['v1', 'v1', 'v1']);
  assert.equal(world.state.quarantine.length, 0);
  await world.clock.pass(60_000);
  assert.deepEqual([first.runs, late.runs], ['v1', 'v1'], 'no process switches meanwhile');
  await late.restart();
  await world.clock.pass(10_000);
  assert.deepEqual([first.runs, late.runs, world.ends.at(-1)], ['v2', 'v2', 'v2 committed']);
});

test('with a restart target, such a process is restarted during the probation', async () => {
  const { world, first, late } = await lateScene({ config: { conditionalTargets: [0] } });
  world.restart = () => late.restart();
  await late.connect();
  await world.clock.pass(10_000);
  assert.deepEqual([first.runs, late.runs, world.ends.at(-1)], ['v2', 'v2', 'v2 committed']);
  assert.deepEqual(heard(late), ['start v1', 'prepare v2', 'start v2']);
});
