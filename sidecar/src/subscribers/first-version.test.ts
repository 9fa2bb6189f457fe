import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, confirmExcept, World } from './hub.testing.ts';

test('the first version needs no process, and with tellsAtStart it waits for one', async () => {
  for (const tellsAtStart of [false, true]) {
    const world = new World({ config: { tellsAtStart } });
    await world.start();
    await world.clock.pass(10_000);
    assert.deepEqual(world.published, ['v1']);
    assert.deepEqual(world.ends, tellsAtStart ? [] : ['v1 committed']);
    const app = await new App(world, 'app').connect();
    await world.clock.pass(10_000);
    assert.deepEqual([app.runs, world.ends], ['v1', ['v1 committed']]);
  }
});

test('with onFailure: hold, processes differ after a failed proof until a newer version', async () => {
  const world = new World({ confirm: confirmExcept('v2'), config: { onFailure: 'hold' } });
  await world.start();
  const app = await new App(world, 'app').connect();
  await world.write('v2');
  const late = await new App(world, 'late').connect();
  assert.deepEqual([app.runs, late.runs], ['v2', 'v1']);
  app.cut();
  await world.start();
  await app.connect();
  await world.clock.pass(10_000);
  assert.equal(app.runs, 'v1');
  await late.connect();
  await world.write('v3');
  assert.deepEqual([app.runs, late.runs], ['v3', 'v3']);
});
