import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PROOF_WITHIN } from '../../deadline.ts';
import { freePort } from '../../free-port.ts';
import { get, hammer } from './hammer.ts';
import { startProgram } from './program.ts';
import { pythonPath } from './python.ts';
import { assertNeverDown, Scene } from './scene.ts';

const python = pythonPath();
const skip = python === undefined && !process.env.CI ? 'no python3 here' : false;
const APP = join(import.meta.dirname, 'signal_app.fixture.py');

function filesOf(greeting: string, batchSize = 8): Record<string, string> {
  return { 'config.json': JSON.stringify({ greeting, batch_size: batchSize }) };
}

async function running(context: TestContext, parameters: Record<string, unknown> = {}) {
  assert.ok(python !== undefined);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const scene = await Scene.create(context, ({ live }) => ({
    name: 'generic',
    process: 'signal_app.fixture.py',
    commandLine: live,
    health: `${url}/health`,
    within: PROOF_WITHIN,
    hold: '500ms',
    ...parameters,
  }));
  await scene.begin(filesOf('one'));
  await startProgram(context, {
    command: [python, APP, scene.pod.live, String(port)],
    ready: () => get(url),
  });
  await scene.committed();
  return { scene, clients: await hammer(context, () => get(url)) };
}

test('a Python app that reloads on SIGHUP takes a good change, gets the old files back after a bad one, and is never down', {
  skip,
}, async (context) => {
  const { scene, clients } = await running(context);
  await scene.change(filesOf('two'), 'committed');
  await clients.sees((body) => body === 'two', 'second configuration');
  const { msg } = await scene.change(filesOf('bad', 640), 'rolled-back');
  assert.match(String(msg), /503|no proof/);
  assert.deepEqual(await scene.pod.published(), filesOf('two'));
  await scene.change(filesOf('three'), 'committed');
  const { bodies } = await assertNeverDown(clients);
  assert.deepEqual(bodies, ['one', 'two', 'three']);
});

test('with its own check, the Python app never gets a bad change', {
  skip,
}, async (context) => {
  const { scene, clients } = await running(context, { check: [python, APP, '--check', '{dir}'] });
  const { msg } = await scene.change(filesOf('bad', 640), 'rejected');
  assert.match(String(msg), /batch_size must be from 1 to 64/);
  await scene.change(filesOf('two'), 'committed');
  const { bodies } = await assertNeverDown(clients);
  assert.deepEqual(bodies, ['one', 'two']);
});
