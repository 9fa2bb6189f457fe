import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePort } from '../../free-port.ts';
import { pathOf, skip } from '../programs.ts';
import { get, hammer } from './hammer.ts';
import { startProgram } from './program.ts';
import { assertNeverDown, Scene } from './scene.ts';

function configOf(version: string): Record<string, string> {
  const text = `global:\n  scrape_interval: 15s\n  external_labels: { version: "${version}" }\n`;
  return { 'prometheus.yml': text };
}

/** Prometheus keeps a syntax that promtool refuses as well. */
const BROKEN = { 'prometheus.yml': 'global:\n  scrape_intervall: 15s\n' };

async function running(context: TestContext, parameters: Record<string, unknown> = {}) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const scene = await Scene.create(context, () => ({
    name: 'prometheus',
    url,
    hold: '500ms',
    ...parameters,
  }));
  await scene.begin(configOf('one'));
  const { live, dir } = scene.pod;
  await startProgram(context, {
    command: [
      pathOf('prometheus'),
      `--config.file=${join(live, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-lifecycle',
    ],
    cwd: dir,
    ready: () => get(`${url}/-/ready`),
  });
  await scene.committed();
  return { scene, clients: await hammer(context, () => get(`${url}/api/v1/status/config`)) };
}

const shows = (version: string) => (body: string) => body.includes(`version: ${version}`);

test('prometheus takes a good change, refuses a bad one, and is never down', {
  skip,
}, async (context) => {
  const { scene, clients } = await running(context);
  await scene.change(configOf('two'), 'committed');
  await clients.sees(shows('two'), 'second configuration');
  const { msg } = await scene.change(BROKEN, 'rolled-back');
  assert.match(String(msg), /scrape_intervall|refused/);
  assert.deepEqual(await scene.pod.published(), configOf('two'));
  await scene.change(configOf('three'), 'committed');
  await clients.sees(shows('three'), 'third configuration');
  const { bodies } = await assertNeverDown(clients);
  assert.equal(bodies.length, 3, 'no client saw anything of the bad one');
});

test('with promtool as the check, prometheus never gets a bad change', {
  skip,
}, async (context) => {
  const check = [pathOf('promtool'), 'check', 'config', '{dir}/prometheus.yml'];
  const { scene, clients } = await running(context, { check });
  const { msg } = await scene.change(BROKEN, 'rejected');
  assert.match(String(msg), /prometheus\.yml:2: promtool says: field scrape_intervall not found/);
  await scene.change(configOf('two'), 'committed');
  const { bodies } = await assertNeverDown(clients);
  assert.ok(bodies.every((body) => shows('one')(body) || shows('two')(body)));
});
