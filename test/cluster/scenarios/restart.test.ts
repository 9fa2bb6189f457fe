import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seconds } from './figures.ts';
import { makePod } from './manifests.ts';
import type { Pod } from './pod.ts';
import { Workspace } from './workspace.ts';

const SETTINGS = {
  stateDir: '/lastgood/state',
  bundles: [
    {
      name: 'greeting',
      volumes: [{ path: '/lastgood/source' }],
      publish: '/lastgood/live',
      mountedAt: '/config',
      targets: [{ restart: { process: 'app.mjs' } }],
      confirm: {
        within: '2m',
        hold: '1s',
        http: { url: 'http://localhost:8080/health', version: { json: 'version' } },
      },
    },
  ],
};

const PROGRAM = `
import { readlinkSync } from 'node:fs';
import http from 'node:http';
const version = readlinkSync('/config/..data').slice(-12);
const answer = JSON.stringify({ version, greeting: process.env.GREETING });
process.on('SIGTERM', () => process.exit(0));
http.createServer((request, response) => response.end(answer)).listen(8080);
`;

test('restart: after each of two edits, one soon after the other, the app has the new environment', async (t) => {
  const workspace = await Workspace.create(t, 'restart');
  const metadata = { name: 'greeting' };
  workspace.apply([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { GREETING: 'one' } },
    ...makePod({
      name: 'greeter',
      settings: SETTINGS,
      source: { configMap: metadata },
      mountedAt: '/config',
      program: PROGRAM,
      shareProcessNamespace: true,
      envFrom: [{ configMapRef: metadata }],
    }),
  ]);
  const pod = workspace.pod('greeter');
  await pod.steady();
  assert.equal(await readGreeting(pod), 'one');

  const firstMs = await workspace.edit('greeting', { GREETING: 'two' });
  await pod.refresh();
  const first = await pod.outcome('committed', firstMs);
  assert.equal(await readGreeting(pod), 'two');

  const secondMs = await workspace.edit('greeting', { GREETING: 'three' });
  await pod.refresh();
  await pod.line('the back-off of the kubelet', secondMs, ({ msg }) =>
    msg.includes('waits for the kubelet'),
  );
  const second = await pod.outcome('committed', secondMs);
  assert.equal(await readGreeting(pod), 'three');
  const { restartCount, lastState } = (await pod.container('inference-server')) ?? {};
  assert.deepEqual([restartCount, lastState?.terminated?.exitCode], [2, 0]);
  assert.equal((await pod.container('lastgood'))?.restartCount, 0);
  t.diagnostic(
    `edit → new environment: ${seconds(first.atMs - firstMs)}, and ${seconds(second.atMs - secondMs)} with the back-off`,
  );
});

async function readGreeting(pod: Pod): Promise<string> {
  const response = await fetch(`${pod.url(8080)}/`);
  return ((await response.json()) as { greeting: string }).greeting;
}
