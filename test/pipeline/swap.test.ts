import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from './pod.ts';

test('P7: after a change to reloadOn: swap, the first start notifies the app and the next one does not', async (context) => {
  const pod = await Pod.create(context, { direct: true, confirm: false });
  pod.bundle.validate = [];
  await pod.configured();
  const first = await pod.startOn({ 'config.yaml': 'generation: 1\n' });
  assert.match(String(first.msg), /; no target notified, not confirmed$/);
  await pod.kill('SIGTERM');
  pod.bundle.reloadOn = 'swap';
  await pod.configured();
  const changed = pod.lines.length;
  pod.start();
  const second = await pod.outcome('committed', changed);
  assert.match(String(second.msg), /; targets notified, not confirmed$/);
  assert.equal(pod.app.events.length, 1, 'the swap may have brought other content');
  await pod.kill('SIGTERM');
  const restarted = pod.lines.length;
  pod.start();
  await pod.outcome('unchanged', restarted);
  assert.equal(pod.app.events.length, 1);
});

test('P7: with reloadOn: swap, a sidecar killed in a delivery goes on with it', async (context) => {
  const pod = await Pod.create(context, { direct: true, confirm: false });
  Object.assign(pod.bundle, { validate: [], reloadOn: 'swap' });
  await pod.configured();
  await pod.startOn({ 'config.yaml': 'generation: 1\n' });
  await pod.kill('SIGTERM');
  const held = pod.lines.length;
  pod.start({ heldAt: 'before deliver' });
  await pod.outcome('unchanged', held);
  await pod.write({ 'config.yaml': 'generation: 2\n' });
  await pod.line((line) => line.held === 'before deliver', 'hold', held);
  await pod.kill('SIGKILL');
  assert.equal(pod.app.events.length, 0);
  const restarted = pod.lines.length;
  pod.start();
  await pod.outcome('committed', restarted);
  assert.equal(pod.app.events.length, 1);
});
