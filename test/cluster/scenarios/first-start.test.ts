import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEdits } from '../../demo/edits.ts';
import { eventually } from '../api.ts';
import { makeExample } from './example.ts';
import { seconds } from './figures.ts';
import { Workspace } from './workspace.ts';

const { first, schema } = makeEdits();
const REASON = /config\.yaml:22:21: .*must be <= 512.*\[LG_VALIDATE_SCHEMA\]/;

test('a bad ConfigMap holds the first start back, and a fix releases it', async (t) => {
  const workspace = await Workspace.create(t, 'first-start');
  const createdMs = Date.now();
  workspace.apply(makeExample(schema));
  const pod = workspace.pod('inference-server');
  const rejected = await pod.outcome('rejected', createdMs);
  assert.match(rejected.msg, REASON);
  const readyz = await fetch(`${pod.url(9533)}/readyz`);
  assert.equal(readyz.status, 503);
  assert.match(await readyz.text(), REASON);
  await eventually('the reason in the events of the pod', async () => {
    const messages = await pod.eventMessages();
    return messages.some((each) => each.startsWith('Startup probe failed') && REASON.test(each))
      ? true
      : undefined;
  });
  const app = await pod.container('inference-server');
  assert.deepEqual([app?.state.waiting?.reason, app?.restartCount], ['PodInitializing', 0]);

  const fixedMs = await workspace.edit('model-config', { 'config.yaml': first });
  await pod.refresh();
  const committed = await pod.outcome('committed', fixedMs);
  await pod.ready();
  const health = await fetch(`${pod.url(8080)}/health`);
  const { config } = (await health.json()) as { config: { version: string } };
  assert.equal(config.version, committed.version);
  const lastgood = await pod.container('lastgood');
  assert.equal(lastgood?.restartCount, 0, 'the sidecar waited and did not end');
  t.diagnostic(`fix → ready ${seconds(Date.now() - fixedMs)}`);
});
