import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pythonPath } from '../../programs/reload/python.ts';
import { CASES } from './cases.ts';
import { type Client, Scene } from './scene.ts';

const SDK = [process.execPath, join(import.meta.dirname, 'app.ts')];
const PYTHON = [pythonPath() ?? '', join(import.meta.dirname, 'python_app.fixture.py')];

const CLIENTS: readonly Client[] = [
  { name: 'the SDK with a sidecar', command: SDK, hasSidecar: true },
  { name: 'the SDK on a directory', command: SDK, hasSidecar: false },
  { name: 'the Python client', command: PYTHON, hasSidecar: true },
];

for (const client of CLIENTS)
  suite(client.name, () => {
    const isPython = client.command === PYTHON;
    const hasProgram = client.command[0] !== '' || process.env.CI;
    const isMeant = (only?: string) =>
      (only !== 'sidecar' || client.hasSidecar) && (only !== 'sdk' || !isPython);
    for (const { name, only, run, ...options } of CASES.filter((one) => isMeant(one.only)))
      test(name, { skip: hasProgram ? false : 'no python3 here' }, async (context) => {
        const scene = await Scene.create(context, client, options);
        await run(scene);
        for (const app of scene.apps) app.check();
      });
  });
