import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seconds } from './figures.ts';
import { makeKeyPair, makeTlsSecret } from './key-pairs.ts';
import { makePod } from './manifests.ts';
import type { Pod } from './pod.ts';
import { Workspace } from './workspace.ts';

const READER = readFileSync(join(import.meta.dirname, 'fixtures/pair-reader.mjs'), 'utf8');

const SETTINGS = {
  stateDir: '/lastgood/state',
  bundles: [
    {
      name: 'tls',
      volumes: [{ path: '/lastgood/source', secret: true }],
      publish: '/lastgood/live',
      mountedAt: '/tls',
      targets: [{ webhook: { url: 'http://localhost:8080/reload' } }],
      confirm: {
        hold: '1s',
        http: { url: 'http://localhost:8080/health', version: { json: 'version' } },
      },
    },
  ],
};

test('a key pair of mode 0400 is swapped as one, and a pair that does not match is rejected', async (t) => {
  const workspace = await Workspace.create(t, 'secrets');
  const [first, second, third] = ['first', 'second', 'third'].map(makeKeyPair);
  assert.ok(first && second && third);
  workspace.apply([
    makeTlsSecret('tls', first),
    ...makePod({
      name: 'reader',
      settings: SETTINGS,
      source: { secret: { secretName: 'tls', defaultMode: 0o400 } },
      mountedAt: '/tls',
      medium: 'Memory',
      program: READER,
      // Of another user than the sidecar: only the group of the volumes lets it read.
      securityContext: { fsGroup: 2000, runAsUser: 1000 },
      sidecarUser: 65532,
    }),
  ]);
  const pod = workspace.pod('reader');
  await pod.steady();
  const secret = `/api/v1/namespaces/${workspace.name}/secrets/tls`;

  const rotatedMs = Date.now();
  await workspace.api.patch(secret, { stringData: second });
  await pod.refresh();
  const committed = await pod.outcome('committed', rotatedMs);
  assert.match((await ask<{ subject: string }>(pod, 'health')).subject, /second/);

  const mixedMs = Date.now();
  await workspace.api.patch(secret, { stringData: { 'tls.crt': third['tls.crt'] } });
  await pod.refresh();
  const rejected = await pod.outcome('rejected', mixedMs);
  assert.match(rejected.msg, /LG_VALIDATE_CERTIFICATE/);

  const seen = await ask<{ reads: number; mismatches: number; pairs: string[] }>(pod, 'seen');
  assert.deepEqual([seen.mismatches, seen.pairs], [0, ['CN=first', 'CN=second']]);
  t.diagnostic(
    `rotation → commit ${seconds(committed.atMs - rotatedMs)}; ${seen.reads} reads of the pair, 0 mixed`,
  );
});

async function ask<T>(pod: Pod, path: string): Promise<T> {
  return (await (await fetch(`${pod.url(8080)}/${path}`)).json()) as T;
}
