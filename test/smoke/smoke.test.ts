/** The whole sidecar as a process, in the quick suite; `test/pipeline` has the cases. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generation } from '../pipeline/configs.ts';
import { Pod } from '../pipeline/pod.ts';

test('a good change is committed, a bad one rejected, and SIGTERM ends the sidecar with 0', async (context) => {
  const pod = await Pod.create(context);
  await pod.startOn(generation(1));
  const good = pod.lines.length;
  await pod.write(generation(2));
  await pod.outcome('committed', good);
  assert.deepEqual(await pod.published(), generation(2));
  const bad = pod.lines.length;
  await pod.write({ ...generation(3), 'config.yaml': 'model: [1\n' });
  await pod.outcome('rejected', bad);
  assert.deepEqual(await pod.published(), generation(2));
  assert.equal(pod.app.events.length, 1, 'the app hears only of the good change');
  const { health, rejected } = await pod.status();
  assert.deepEqual([health.state, rejected?.step], ['degraded', 'validate']);
  assert.equal(await pod.kill('SIGTERM'), 0);
  assert.equal(pod.stderr, '');
});
