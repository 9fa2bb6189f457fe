import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { PROOF_WITHIN } from '../../deadline.ts';
import { freePort } from '../../free-port.ts';
import { type PythonPackage, pythonPackagePath, skip as skipPrograms } from '../programs.ts';
import { get, hammer } from './hammer.ts';
import { startProgram } from './program.ts';
import { pythonPath } from './python.ts';
import { Scene } from './scene.ts';

const python = pythonPath();
const skip = skipPrograms || (python === undefined && !process.env.CI ? 'no python3 here' : false);
const APP = join(import.meta.dirname, 'asgi_app.fixture.py');
/** Longer than a worker of a version with the fault `dies` serves: a second, and more on a busy machine. */
const HOLD = '5s';
/** How long uvicorn waits for a worker that starts: as long as a busy machine may take. */
const WORKER_STARTS_S = 10;

const ENDED = 'worker .* has ended soon after its start';
/** A worker that ends at once may live between two observations. */
const REASONS = {
  refuses: new RegExp(`${ENDED}|runs no worker started since the app was notified`),
  hangs: new RegExp(ENDED),
  dies: /by confirm/,
};

/** Each of the files is valid: the app is what fails. */
function filesOf(greeting: string, fault?: keyof typeof REASONS) {
  return { 'config.json': JSON.stringify({ greeting, fault }) };
}

interface Uvicorn {
  readonly version: PythonPackage;
  readonly workers: number;
}

async function running(context: TestContext, { version, workers }: Uvicorn) {
  assert.ok(python !== undefined);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const scene = await Scene.create(context, ({ dir }) => ({
    name: 'uvicorn',
    commandLine: dir,
    health: `${url}/health`,
    within: PROOF_WITHIN,
    hold: HOLD,
  }));
  await scene.begin(filesOf('one'));
  const { live, dir } = scene.pod;
  await copyFile(APP, join(dir, 'asgi_app.py'));
  const options = [
    ...['--workers', `${workers}`, '--port', `${port}`],
    ...['--timeout-worker-healthcheck', `${WORKER_STARTS_S}`],
  ];
  const program = await startProgram(context, {
    command: [python, '-m', 'uvicorn', ...options, '--app-dir', dir, 'asgi_app:app'],
    env: { CONFIG_DIR: live, PYTHONPATH: pythonPackagePath(version) },
    ready: () => get(url),
  });
  await scene.committed();
  /** Enough requests to meet each worker. */
  const assertServes = async (greeting: string) => {
    for (let count = 0; count < 20; count += 1) assert.equal(await get(url), greeting);
  };
  return { scene, program, url, assertServes };
}

describe('uvicorn', { skip, concurrency: 2 }, () => {
  test('before 0.51: what its workers cannot start or live on is rolled back', async (context) => {
    const { scene, assertServes } = await running(context, {
      version: 'uvicorn-0.50.0',
      workers: 2,
    });
    await scene.change(filesOf('two'), 'committed');
    await assertServes('two');
    for (const fault of ['refuses', 'dies'] as const) {
      await scene.change(filesOf('bad', fault), 'rolled-back');
      assert.deepEqual(await scene.pod.published(), filesOf('two'));
      await assertServes('two');
    }
    await scene.change(filesOf('three'), 'committed');
    await assertServes('three');
  });

  test('since 0.51: what its workers cannot start or live on is rolled back, though the old ones serve', async (context) => {
    const { scene, program, url, assertServes } = await running(context, {
      version: 'uvicorn-0.54.0',
      workers: 3,
    });
    const clients = await hammer(context, () => get(url));
    await scene.change(filesOf('two'), 'committed');
    await assertServes('two');
    for (const fault of ['refuses', 'hangs', 'dies'] as const) {
      const { msg } = await scene.change(filesOf('bad', fault), 'rolled-back');
      assert.match(String(msg), REASONS[fault]);
      assert.deepEqual(await scene.pod.published(), filesOf('two'));
      await assertServes('two');
      if (fault === 'hangs') assert.deepEqual(clients.seen.bodies, ['one', 'two']);
    }
    await scene.change(filesOf('three'), 'committed');
    await assertServes('three');
    assert.equal(program.ended, null, program.output);
  });
});
