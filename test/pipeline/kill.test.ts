import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generation } from './configs.ts';
import { Pod } from './pod.ts';

const EFFECTS = ['validate', 'publish', 'deliver', 'confirm', 'commit'] as const;
const BOUNDARIES = EFFECTS.flatMap((effect) => [`before ${effect}`, `after ${effect}`]);

/** A pod whose app runs on generation 1, with the sidecar stopped. */
async function steadyPod(context: Parameters<typeof Pod.create>[0]): Promise<Pod> {
  const pod = await Pod.create(context);
  await pod.startOn(generation(1));
  assert.equal(await pod.kill('SIGTERM'), 0);
  return pod;
}

for (const boundary of BOUNDARIES) {
  test(`P2 P7: killed ${boundary} of a good change, it goes on and commits`, async (context) => {
    const pod = await steadyPod(context);
    const since = pod.lines.length;
    pod.start({ heldAt: boundary, nth: boundary.endsWith('validate') ? 2 : 1 });
    await pod.line((line) => line.outcome === 'unchanged', 'start', since);
    await pod.write(generation(2));
    await pod.line((line) => line.held === boundary, `hold ${boundary}`, since);
    await pod.kill('SIGKILL');
    const isNew = /deliver|confirm|commit|after publish/.test(boundary);
    assert.deepEqual(await pod.published(), generation(isNew ? 2 : 1), 'complete while it is down');
    const before = pod.app.events.length;
    const restarted = pod.lines.length;
    pod.start();
    await pod.outcome('committed', restarted);
    assert.deepEqual(await pod.published(), generation(2));
    const { active, lastGood, health } = await pod.status();
    assert.deepEqual([active, health.state], [lastGood, 'ok']);
    const again = pod.app.events.slice(before).length;
    const isAnswerKnown = /confirm|commit/.test(boundary);
    assert.equal(again, isAnswerKnown ? 0 : 1, 'no second notification without a reason');
    const ids = new Set(pod.app.events.map((event) => event.rollout));
    if (isNew) assert.equal(ids.size, 1, 'the same rollout goes on under the same id');
  });
}

/** Of the rollback: the second publish, delivery and confirmation of the same rollout. */
const BACK = ['before publish', 'after publish', 'before deliver', 'after deliver'].map(
  (boundary) => [boundary, 2] as const,
);

for (const [boundary, nth] of [...BACK, ['before confirm', 1], ['after confirm', 1]] as const) {
  test(`P2 P7: killed ${boundary} during a rollback, the last good one is back in the end`, async (context) => {
    const pod = await steadyPod(context);
    pod.app.onReload = ({ reason }) =>
      reason === 'rollback' ? { status: 200 } : { status: 422, body: 'no such checkpoint' };
    const since = pod.lines.length;
    pod.start({ heldAt: boundary, nth });
    await pod.line((line) => line.outcome === 'unchanged', 'start', since);
    await pod.write(generation(2));
    await pod.line((line) => line.held === boundary, `hold ${boundary}`, since);
    await pod.kill('SIGKILL');
    const isBack = !(boundary === 'before publish');
    assert.deepEqual(await pod.published(), generation(isBack ? 1 : 2));
    const restarted = pod.lines.length;
    pod.start();
    await pod.outcome('rolled-back', restarted);
    assert.deepEqual(await pod.published(), generation(1));
    await pod.line((line) => line.outcome === 'rejected', 'the quarantine to hold', restarted);
    const { active, lastGood, rejected, health } = await pod.status();
    assert.equal(active, lastGood);
    assert.deepEqual([health.state, rejected?.step], ['degraded', 'deliver']);
    const forward = pod.app.events.filter((event) => event.reason === 'changed');
    assert.equal(forward.length, 1, 'P4: a refused version is not tried again by a restart');
    const fixed = pod.lines.length;
    pod.app.onReload = () => ({ status: 200 });
    await pod.write(generation(3));
    await pod.outcome('committed', fixed);
    assert.deepEqual(await pod.published(), generation(3));
  });
}

test('P7: killed at the first start, before anything is published, it starts all the same', async (context) => {
  for (const boundary of ['before publish', 'after publish', 'before commit', 'after commit']) {
    const pod = await Pod.create(context);
    await pod.write(generation(1));
    pod.start({ heldAt: boundary });
    await pod.line((line) => line.held === boundary, boundary);
    await pod.kill('SIGKILL');
    const restarted = pod.lines.length;
    pod.start();
    await pod.outcome('committed', restarted);
    assert.deepEqual(await pod.published(), generation(1));
    assert.equal(pod.app.events.length, 0, 'the app starts on it by itself');
    await pod.end();
  }
});
