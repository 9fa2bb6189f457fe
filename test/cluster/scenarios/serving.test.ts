import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEdits } from '../../demo/edits.ts';
import { EXAMPLE } from '../../demo/pod.ts';
import { Client } from './client.ts';
import { describeMemory } from './containers.ts';
import { seconds } from './figures.ts';
import { Workspace } from './workspace.ts';

const EDITS = makeEdits();

test('a good edit is committed, and bad ones leave the app on the last good version, with 0 failed requests', async (t) => {
  const workspace = await Workspace.create(t, 'serving');
  workspace.kubectl('apply', '-k', EXAMPLE);
  const pod = workspace.pod('inference-server');
  await pod.steady();
  const client = new Client(() => pod.url(8080));
  t.after(() => client.stop());

  // With no help: this is how long a user waits on this node.
  const editedMs = await workspace.edit('model-config', { 'config.yaml': EDITS.good });
  const committed = await pod.outcome('committed', editedMs);
  const version = committed.version ?? '';
  const captured = await pod.line('the capture', editedMs, (line) => line.version === version);
  const answeredMs = await client.seen(version);
  t.diagnostic(
    `edit → swap ${seconds(captured.atMs - editedMs)}, → answers ${seconds(answeredMs - editedMs)}, → commit ${seconds(committed.atMs - editedMs)}`,
  );

  const typoMs = await workspace.edit('model-config', { 'config.yaml': EDITS.schema });
  await pod.refresh();
  const rejected = await pod.outcome('rejected', typoMs);
  assert.match(rejected.msg, /config\.yaml:22:21: .*must be <= 512.*\[LG_VALIDATE_SCHEMA\]/);
  const { health, active, ready, rejected: shown } = await pod.bundle();
  assert.deepEqual([health.state, ready, shown?.step], ['degraded', true, 'validate']);
  assert.equal(active?.slice(7, 19), version);

  const refusedMs = await workspace.edit('model-config', { 'config.yaml': EDITS.refused });
  await pod.refresh();
  const back = await pod.outcome('rolled-back', refusedMs);
  assert.match(back.msg, /cuda is not available.*\[LG_DELIVER_REFUSED\]/);
  assert.equal((await pod.bundle()).active?.slice(7, 19), version);
  await pod.ready();

  const fixedMs = await workspace.edit('model-config', { 'config.yaml': EDITS.fix });
  await pod.refresh();
  const fixed = await pod.outcome('committed', fixedMs);
  await client.seen(fixed.version ?? '');
  await client.stop();
  assert.deepEqual(client.failures, []);
  assert.deepEqual(client.versions.slice(-2), [version, fixed.version]);
  const memory = await describeMemory(pod);
  t.diagnostic(`${client.answered} requests, 0 failed; ${memory}`);
});
