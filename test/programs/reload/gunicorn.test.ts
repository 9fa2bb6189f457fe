import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PROOF_WITHIN } from '../../deadline.ts';
import { freePort } from '../../free-port.ts';
import { pathOf, skip as skipPrograms } from '../programs.ts';
import { get, type Hammer, hammer } from './hammer.ts';
import { type Program, startProgram } from './program.ts';
import { pythonPath } from './python.ts';
import { assertNeverDown, Scene } from './scene.ts';

const python = pythonPath();
const skip = skipPrograms || (python === undefined && !process.env.CI ? 'no python3 here' : false);
const APP = join(import.meta.dirname, 'wsgi_app.fixture.py');

function filesOf(greeting: string, device = 'cpu'): Record<string, string> {
  return { 'config.json': JSON.stringify({ greeting, device }) };
}

async function running(context: TestContext, parameters: Record<string, unknown> = {}) {
  assert.ok(python !== undefined);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const scene = await Scene.create(context, ({ dir }) => ({
    name: 'gunicorn',
    commandLine: dir,
    health: `${url}/health`,
    within: PROOF_WITHIN,
    // Longer than the master takes, on a busy machine, to end the old workers, which are healthy.
    hold: '5s',
    check: [python, APP, '{dir}'],
    ...parameters,
  }));
  await scene.begin(filesOf('one'));
  const { live, dir } = scene.pod;
  await copyFile(APP, join(dir, 'wsgi_app.py'));
  const program = await startProgram(context, {
    command: [
      pathOf('gunicorn'),
      ...['--chdir', dir, '--workers', '2', '--bind', `127.0.0.1:${port}`],
      ...['--worker-tmp-dir', dir, 'wsgi_app:app'],
    ],
    env: { CONFIG_DIR: live },
    ready: () => get(url),
  });
  await scene.committed();
  return { scene, program, clients: await hammer(context, () => get(url)) };
}

test('gunicorn takes a good change, never gets one on which a worker would die, and is never down', {
  skip,
}, async (context) => {
  const { scene, program, clients } = await running(context);
  await scene.change(filesOf('two'), 'committed');
  await clients.sees((body) => body === 'two', 'second configuration');
  const { msg } = await scene.change({ 'config.json': '{"device":"cpu"}' }, 'rejected');
  assert.match(String(msg), /greeting is missing/);
  await scene.change(filesOf('three'), 'committed');
  await assertGood(program, clients);
});

test('gunicorn gets the old files back after a change on which its workers are not well', {
  skip,
}, async (context) => {
  const { scene, program, clients } = await running(context);
  await scene.change(filesOf('bad', 'cuda'), 'rolled-back');
  assert.deepEqual(await scene.pod.published(), filesOf('one'));
  await scene.change(filesOf('two'), 'committed');
  await assertGood(program, clients);
});

async function assertGood(program: Program, clients: Hammer): Promise<void> {
  assert.equal(program.ended, null, program.output);
  await assertNeverDown(clients);
}
