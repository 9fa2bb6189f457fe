import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROOF_WITHIN } from '../deadline.ts';
import { generation } from './configs.ts';
import { Pod } from './pod.ts';

/** Adds a line to a log for each reload; refuses a configuration that says so. */
const RELOAD = `
  echo "$LASTGOOD_REASON $LASTGOOD_CHANGED" >>"$1"
  if grep -q "refused" "$2/config.yaml"; then echo "no such model"; exit 2; fi
  grep -q "ignored" "$2/config.yaml" || echo reloaded >>"$1"
`;

test('a command tells the app, and a metric that goes up and a command prove it, there and back', async (t) => {
  const pod = await Pod.create(t, { confirm: false });
  const log = join(pod.dir, 'log');
  await appendFile(log, '');
  const reloads = () => readFileSync(log, 'utf8').split('reloaded').length - 1;
  const metrics = http.createServer((_request, response) => {
    response.end(`app_reloads_total{result="ok"} ${reloads()}\n`);
  });
  await once(metrics.listen(0, '127.0.0.1'), 'listening');
  t.after(() => metrics.close().closeAllConnections());
  const url = `http://127.0.0.1:${(metrics.address() as AddressInfo).port}/metrics`;
  pod.bundle.targets = [
    { exec: { command: ['sh', '-c', RELOAD, 'sh', log, '{dir}'], refused: [2] } },
  ];
  pod.bundle.confirm = {
    within: PROOF_WITHIN,
    hold: '0ms',
    metric: { url, query: 'app_reloads_total{result="ok"}', increased: true },
    exec: { command: ['test', '-s', '{dir}/config.yaml'] },
  };
  await pod.configured();
  await pod.startOn(generation(1));
  assert.equal(reloads(), 0, 'the start notifies no target, and the metric need not go up');
  const second = pod.lines.length;
  await pod.write({ ...generation(1), 'config.yaml': 'generation: 2\n' });
  await pod.outcome('committed', second);
  assert.equal(reloads(), 1);

  await pod.write({ ...generation(1), 'config.yaml': 'generation: ignored\n' });
  const unproven = await pod.outcome('rolled-back');
  assert.match(
    JSON.stringify(unproven),
    /app_reloads_total\{.*\} is 1, and has not increased since the app was notified/,
  );
  const since = pod.lines.length;
  await pod.write({ ...generation(1), 'config.yaml': 'generation: refused\n' });
  const refused = await pod.outcome('rolled-back', since);
  assert.match(JSON.stringify(refused), /exec sh refused: exited with code 2: no such model/);
  assert.deepEqual((await readFile(log, 'utf8')).split('\n').slice(0, -1), [
    ...['changed config.yaml', 'reloaded'],
    ...['changed config.yaml', 'rollback config.yaml', 'reloaded'],
    ...['changed config.yaml', 'rollback config.yaml', 'reloaded'],
  ]);
});
