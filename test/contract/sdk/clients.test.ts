import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CASES } from './cases.ts';
import { type Client, Scene } from './scene.ts';

const SDK = [process.execPath, join(import.meta.dirname, 'app.ts')];

const CLIENTS: readonly Client[] = [
  { name: 'the SDK on a directory', command: SDK, hasSidecar: false },
];

for (const client of CLIENTS)
  suite(client.name, () => {
    const isMeant = (only?: string) => only !== 'sidecar' || client.hasSidecar;
    for (const { name, only, run, ...options } of CASES.filter((one) => isMeant(one.only)))
      test(name, async (context) => {
        const scene = await Scene.create(context, client, options);
        await run(scene);
        for (const app of scene.apps) app.check();
      });
  });
