import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { load as loadSettings } from '../../sidecar/src/settings/load.ts';
import { exampleFile } from '../demo/pod.ts';
import { Stage } from '../demo/stage.ts';
import { readFiles, readSection } from './repository.ts';

const README = 'README.md';
const CONFIG = exampleFile('config.yaml');
const BROKEN = CONFIG.replace('batch_size: 16', 'batch_size: 128');

const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

test(`${README} names \`npm run demo\` and \`npm test\` before anything else to run`, () => {
  const commands =
    readFiles(README)
      .get(README)
      ?.matchAll(/^ {4}(.*?)(?: {2,}#.*)?$/gm) ?? [];
  const [first, second] = [...commands].map(([, command]) => command);
  assert.deepEqual([first, second], ['npm run demo', 'npm test']);
});

test(`${README} shows settings that are valid, and part of those of the example`, async () => {
  const [, shown = ''] = /```yaml\n(.*?)```/s.exec(readSection(README, '## Quick start')) ?? [];
  const loaded = await loadSettings('lastgood.yaml', async () => Buffer.from(shown));
  assert.ok(loaded.ok, JSON.stringify(loaded));
  assert.partialDeepStrictEqual(load(exampleFile('lastgood.yaml')), load(shown));
});

test(`${README} shows a rejected change as the log and /readyz do`, async (t) => {
  const stage = await Stage.open();
  t.after(() => stage.close());
  await stage.pod.configure({ 'config.yaml': CONFIG });
  const sidecar = await stage.startSidecar();
  await stage.startApp();
  const committed = await sidecar.ending(0);
  const { mark } = sidecar.child;
  await stage.pod.configure({ 'config.yaml': BROKEN });
  const rejected = await sidecar.ending(mark);
  const readyz = await (await fetch(`${sidecar.url}/readyz`)).text();

  const shown = readSection(README, '## Quick start').replaceAll(TIME, 'TIME');
  assert.ok(shown.includes(`msg'\n${committed.msg}\n${rejected.msg}\n`), rejected.msg);
  assert.ok(shown.includes(`readyz\n${readyz.replaceAll(TIME, 'TIME')}`), readyz);
});
