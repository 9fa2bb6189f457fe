import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROOF_WITHIN } from '../../deadline.ts';
import { freePort } from '../../free-port.ts';
import { get, hammer } from './hammer.ts';
import { startProgram } from './program.ts';
import { assertNeverDown, Scene } from './scene.ts';

const APP = join(import.meta.dirname, 'signal-app.fixture.mjs');

function filesOf(greeting: string): Record<string, string> {
  return { 'config.json': JSON.stringify({ greeting }) };
}

test('a Node.js app that reloads on SIGHUP takes a good change, gets the old files back after a bad one, and is never down', async (context) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const scene = await Scene.create(context, ({ live }) => ({
    name: 'node',
    process: 'signal-app.fixture.mjs',
    commandLine: live,
    health: `${url}/health`,
    within: PROOF_WITHIN,
    hold: '500ms',
  }));
  await scene.begin(filesOf('one'));
  await startProgram(context, {
    command: [process.execPath, APP, scene.pod.live, String(port)],
    ready: () => get(url),
  });
  await scene.committed();
  const clients = await hammer(context, () => get(url));
  await scene.change(filesOf('two'), 'committed');
  await clients.sees((body) => body === 'two', 'second configuration');
  await scene.change({ 'config.json': '{"greeting":5}' }, 'rolled-back');
  assert.deepEqual(await scene.pod.published(), filesOf('two'));
  await scene.change(filesOf('three'), 'committed');
  const { bodies } = await assertNeverDown(clients);
  assert.deepEqual(bodies, ['one', 'two', 'three']);
});
