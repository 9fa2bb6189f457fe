import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEdits } from '../../demo/edits.ts';
import { eventually } from '../api.ts';
import type { Node } from '../cluster.ts';
import { killContainer, readNode } from './containers.ts';
import { makeExample } from './example.ts';
import { seconds } from './figures.ts';
import type { Pod } from './pod.ts';
import { Workspace } from './workspace.ts';

const EDITS = makeEdits();
const node = readNode() as Node;
const skip = node === undefined ? 'the node of this cluster is out of reach' : false;

test('an app that restarts while a bad version stands runs on the last good one', {
  skip,
}, async (t) => {
  const workspace = await Workspace.create(t, 'app-restart');
  workspace.apply(makeExample(EDITS.first));
  const pod = workspace.pod('inference-server');
  await pod.steady();
  const active = await versionOfApp(pod);
  const editedMs = await workspace.edit('model-config', { 'config.yaml': EDITS.typo });
  await pod.refresh();
  await pod.outcome('rejected', editedMs);

  const killedMs = Date.now();
  await killContainer(node, pod, 'inference-server');
  await restarted(pod, 'inference-server');
  await pod.ready();
  assert.equal(await versionOfApp(pod), active);
  assert.equal((await pod.bundle()).health.state, 'degraded');
  t.diagnostic(`kill of the app → ready again ${seconds(Date.now() - killedMs)}`);
});

test('a sidecar killed in the middle of a rollout continues it, and notifies the app once', {
  skip,
}, async (t) => {
  const workspace = await Workspace.create(t, 'killed');
  workspace.apply(
    makeExample(EDITS.first, (settings) => {
      Object.assign(settings.bundles[0].confirm, { within: '5m', hold: '40s' });
    }),
  );
  const pod = workspace.pod('inference-server');
  await pod.steady();
  const editedMs = await workspace.edit('model-config', { 'config.yaml': EDITS.good });
  await pod.refresh();
  const told = await pod.line('the delivery', editedMs, ({ step }) => step === 'deliver');
  await eventually('the probation', async () =>
    (await pod.bundle()).phase === 'confirming' ? true : undefined,
  );

  const killedMs = Date.now();
  await killContainer(node, pod, 'lastgood');
  const committed = await pod.outcome('committed', killedMs);
  assert.deepEqual([committed.version, committed.rollout], [told.version, told.rollout]);
  assert.equal((await pod.container('lastgood'))?.lastState.terminated?.exitCode, 137);
  const log = await pod.logText('inference-server');
  const loads = log.split('\n').filter((line) => line.includes(`config ${told.version}`));
  assert.equal(loads.length, 1, log);
  assert.equal((await pod.container('inference-server'))?.restartCount, 0);
  t.diagnostic(
    `kill of the sidecar → commit ${seconds(committed.atMs - killedMs)}, of which 40 s are probation`,
  );
});

async function versionOfApp(pod: Pod): Promise<string> {
  const response = await fetch(`${pod.url(8080)}/health`);
  return ((await response.json()) as { config: { version: string } }).config.version;
}

async function restarted(pod: Pod, container: string): Promise<void> {
  await eventually(`the restart of ${container}`, async () => {
    const status = await pod.container(container);
    return status?.restartCount === 1 && status.state.running !== undefined ? true : undefined;
  });
}
