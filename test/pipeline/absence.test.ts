import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { generation } from './configs.ts';
import { Pod } from './pod.ts';

const RETRIES = { attempts: 3, backoff: '20ms', max: '100ms' };

/** A pod that runs on generation 1. */
async function runningPod(
  context: TestContext,
  bundle: Record<string, unknown> = {},
): Promise<Pod> {
  // Without a proof: an absence lasts for at least its deadline.
  const bounds = { maxAbsence: '1s', ...bundle };
  const pod = await Pod.create(context, { confirm: false, bundle: bounds });
  const url = `${pod.app.url}/admin/reload`;
  pod.bundle.targets = [{ webhook: { url, timeout: '1m', retries: RETRIES } }];
  await pod.configured();
  await pod.startOn(generation(1));
  return pod;
}

/** Waits until an app that starts now would read this generation. */
async function untilPublished(pod: Pod, count: number): Promise<void> {
  const isThere = (line: Record<string, unknown>) => line.step === 'publish';
  for (let since = 0; ; since++) {
    const text = await readFile(join(pod.live, 'config.yaml'), 'utf8');
    if (text.startsWith(`generation: ${count}\n`)) return;
    const line = await pod.line(isThere, `generation ${count}`, since);
    since = pod.lines.indexOf(line);
  }
}

/** The app ends without a response, and starts when that was noticed. */
function crash(pod: Pod): { readonly status: 'reset' } {
  const seen = pod.lines.length;
  void pod.app.stop();
  void pod
    .line(({ result }) => result === 'absent', 'the absence', seen)
    .then(() => pod.app.start());
  return { status: 'reset' };
}

const isQuarantine = ({ outcome, msg }: Record<string, unknown>) =>
  outcome === 'rolled-back' && `${msg}`.includes('crashed 2 times');

test('an app that does not start on a version gets the last good one back, twice at most', async (context) => {
  const pod = await runningPod(context);
  const since = pod.lines.length;
  await pod.app.stop();
  await pod.write(generation(2));
  const isPublish = (line: Record<string, unknown>) => line.step === 'publish';
  await pod.line((line) => isPublish(line) && line.back !== true, 'generation 2', since);
  await pod.line((line) => isPublish(line) && line.back === true, 'generation 1', since);
  assert.deepEqual(await pod.published(), generation(1));
  // When it is notified it goes down, as a program does that ends to read its configuration.
  pod.app.onReload = ({ reason }) => {
    return reason === 'changed' ? crash(pod) : { status: 200 };
  };
  await pod.app.start();
  const end = await pod.line(isQuarantine, 'the quarantine', since);
  assert.equal((await pod.status()).rejected?.findings[0]?.code, 'LG_DELIVER_CRASHED');
  assert.doesNotMatch(`${end.msg}`, /retries it within/);
});

test('P7: app and sidecar die after a publish: the app does not stay on what it cannot start on', async (context) => {
  const pod = await runningPod(context);
  await pod.kill();
  pod.start({ heldAt: 'after publish' });
  await pod.write(generation(2));
  await untilPublished(pod, 2);
  await pod.kill();
  await pod.app.stop();
  pod.start();
  await untilPublished(pod, 1);
  const since = pod.lines.length;
  await pod.app.start();
  await pod.outcome('rolled-back', since);
});

test('a version that ends the app at each reload is delivered twice, and then quarantined', async (context) => {
  const pod = await runningPod(context);
  const since = pod.lines.length;
  let kills = 0;
  pod.app.onReload = async ({ reason }) => {
    if (reason === 'rollback') return { status: 200 };
    kills += 1;
    return crash(pod);
  };
  await pod.write(generation(2));
  await pod.line(isQuarantine, 'the quarantine', since);
  assert.equal(kills, 2);
  assert.deepEqual(await pod.published(), generation(1));
});
