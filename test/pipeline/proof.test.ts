import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { PROOF_WITHIN } from '../deadline.ts';
import { generation } from './configs.ts';
import { type Line, Pod } from './pod.ts';

/** An app that is no target and counts its reloads; the sidecar was killed during a proof. */
async function killedDuringProof(t: TestContext) {
  const app = { reloads: 3 };
  const metrics = http.createServer((_request, response) => {
    response.end(`app_reloads_total ${app.reloads}\n`);
  });
  await once(metrics.listen(0, '127.0.0.1'), 'listening');
  t.after(() => metrics.close().closeAllConnections());
  const url = `http://127.0.0.1:${(metrics.address() as AddressInfo).port}/metrics`;
  const pod = await Pod.create(t, { confirm: false });
  pod.bundle.targets = [];
  const metric = { url, query: 'app_reloads_total', increased: true };
  pod.bundle.confirm = { within: '1m', hold: '0ms', metric };
  await pod.configured();
  await pod.write(generation(1));
  pod.start({ heldAt: 'before confirm', nth: 2 });
  await pod.outcome('committed');
  const since = pod.lines.length;
  await pod.write(generation(2));
  await pod.line((line) => line.held === 'before confirm', 'a proof', since);
  await pod.kill('SIGKILL');
  return { pod, app, metric };
}

test('P7: after a restart, an app that has not reloaded by itself has still proven nothing', async (t) => {
  const { pod, metric } = await killedDuringProof(t);
  pod.bundle.confirm = { within: PROOF_WITHIN, hold: '0ms', metric };
  await pod.configured();
  const since = pod.lines.length;
  pod.start();
  const isEnd = (line: Line) => line.step === 'confirm' && line.result === 'rejected';
  const rejected = await pod.line(isEnd, 'an end of the proof', since);
  assert.match(JSON.stringify(rejected), /is 3, and has not increased since the app was notified/);
});

test('P7: after a restart, an app that had reloaded by itself before has proven it', async (t) => {
  const { pod, app } = await killedDuringProof(t);
  app.reloads += 1;
  const since = pod.lines.length;
  pod.start();
  await pod.outcome('committed', since);
  assert.deepEqual(await pod.published(), generation(2));
});
