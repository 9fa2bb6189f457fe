import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../api.ts';
import { seconds } from './figures.ts';
import { makePod, settingsOf } from './manifests.ts';
import type { Pod } from './pod.ts';
import { type Manifest, Workspace } from './workspace.ts';

const HANDLER = "process.on('SIGHUP', () => { text = read(); });";

/** The user of the apps. */
const USER = 1000;

const SETTINGS = settingsOf({
  targets: [
    {
      signal: { process: 'app.mjs', retries: { attempts: 2, backoff: '100ms', max: '100ms' } },
    },
  ],
  confirm: { process: 'alive', hold: '1s' },
});

test('P9: a signal reaches the app that catches it; one of another user and one without a handler live on', async (t) => {
  const workspace = await Workspace.create(t, 'signal');
  workspace.apply([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' }, data: { text: 'v1' } },
    ...makeSignalled('catches', USER, HANDLER),
    ...makeSignalled('stranger', USER + 1, HANDLER),
    ...makeSignalled('deaf', USER, ''),
  ]);
  const [catches, stranger, deaf] = ['catches', 'stranger', 'deaf'].map((name) =>
    workspace.pod(name),
  );
  assert.ok(catches && stranger && deaf);
  const pods = [catches, stranger, deaf];
  await Promise.all(pods.map((pod) => pod.steady()));
  // A container is ready before its program has a handler.
  assert.deepEqual(await Promise.all(pods.map(waitForText)), ['v1', 'v1', 'v1']);
  const before = await Promise.all(pods.map(readContainer));

  const editedMs = await workspace.edit('config', { text: 'v2' });
  await Promise.all(pods.map((pod) => pod.refresh()));
  const [committed] = await Promise.all([
    catches.outcome('committed', editedMs),
    explains(stranger, editedMs, /LG_DELIVER_NOT_PERMITTED/),
    explains(deaf, editedMs, /LG_DELIVER_SIGNAL_UNCAUGHT/),
  ]);
  assert.deepEqual(await Promise.all(pods.map(readText)), ['v2', 'v1', 'v1']);
  assert.deepEqual(await Promise.all(pods.map(readContainer)), before, 'every app still runs');
  t.diagnostic(`edit → signal → commit ${seconds(committed.atMs - editedMs)}`);
});

function makeSignalled(name: string, sidecarUser: number, handler: string): readonly Manifest[] {
  return makePod({
    name,
    settings: SETTINGS,
    source: { configMap: { name: 'config' } },
    mountedAt: '/config',
    program: `
import { readFileSync } from 'node:fs';
import http from 'node:http';
const read = () => readFileSync('/config/text', 'utf8');
let text = read();
${handler}
process.on('SIGTERM', () => process.exit(0));
http.createServer((request, response) => response.end(text)).listen(8080);
`,
    shareProcessNamespace: true,
    securityContext: { runAsUser: USER },
    sidecarUser,
  });
}

/** Waits until the log and `/status` say why the app was not signalled. */
async function explains(pod: Pod, sinceMs: number, reason: RegExp): Promise<void> {
  await pod.line(
    String(reason),
    sinceMs,
    ({ step, msg }) => step === 'deliver' && reason.test(msg),
  );
  await eventually(
    `${reason} in /status`,
    async () => reason.test(JSON.stringify((await pod.bundle()).health)) || undefined,
  );
}

async function readText(pod: Pod): Promise<string> {
  return (await fetch(`${pod.url(8080)}/`)).text();
}

function waitForText(pod: Pod): Promise<string> {
  return eventually(`an answer of ${pod.name}`, async () => {
    const response = await fetch(`${pod.url(8080)}/`);
    return response.ok ? response.text() : undefined;
  });
}

/** What changes if a container starts again. */
async function readContainer(pod: Pod): Promise<string | undefined> {
  return (await pod.container('inference-server'))?.containerID;
}
