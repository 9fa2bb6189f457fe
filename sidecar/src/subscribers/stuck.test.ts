/** Apps that cannot start on the active version. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, World } from './hub.testing.ts';

/** A bundle that runs on v1, and apps that run on it. */
async function scene(count: number) {
  const world = new World();
  await world.start();
  const apps: App[] = [];
  for (let index = 0; index < count; index++)
    apps.push(await new App(world, `app${index}`).connect());
  return { world, app: (index: number) => apps[index] as App };
}

test('a fix reaches an app that cannot start on the active version', async () => {
  for (const verdict of ['nothing', 'reject'] as const) {
    const { world, app } = await scene(1);
    app(0).session?.leave();
    app(0).says = (version) => (version === 'v1' ? verdict : 'accept');
    await app(0).restart();
    await world.clock.pass(10_000);
    // A client whose first version is refused ends its connection.
    if (verdict === 'reject') app(0).session?.leave();
    await world.write('v2');
    assert.equal(world.state.phase.name, 'retrying');
    for (let restart = 0; restart < 4 && app(0).runs !== 'v2'; restart++) {
      await app(0).restart();
      await world.clock.pass(4_000);
    }
    await world.clock.pass(2_000);
    assert.deepEqual([app(0).runs, world.ends.at(-1)], ['v2', 'v2 committed'], verdict);
  }
});

test('a fix reaches an app that has refused to start, and stays connected', async () => {
  const { world, app } = await scene(1);
  app(0).session?.leave();
  app(0).says = (version) => (version === 'v1' ? 'reject' : 'accept');
  await app(0).restart();
  await world.clock.pass(10_000);
  await world.write('v2');
  await world.clock.pass(4_000);
  assert.deepEqual([app(0).runs, world.ends.at(-1)], ['v2', 'v2 committed']);
});

test('P4: one that cannot start gets no candidate while others run', async () => {
  const { world, app } = await scene(2);
  app(1).says = () => 'nothing';
  await world.write('v2');
  assert.equal(world.state.checking?.version, 'sha256:v2');
  const late = new App(world, 'late', () => 'reject');
  await late.connect();
  await world.clock.pass(1_000);
  assert.deepEqual(
    late.heard.filter((name) => name !== 'state'),
    ['start v1'],
  );
});
