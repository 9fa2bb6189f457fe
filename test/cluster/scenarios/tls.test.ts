import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../api.ts';
import { describeMemory } from './containers.ts';
import { seconds } from './figures.ts';
import { makeKeyPair, makeTlsSecret } from './key-pairs.ts';
import { makePod } from './manifests.ts';
import type { Pod } from './pod.ts';
import { Workspace } from './workspace.ts';

const SETTINGS = {
  stateDir: '/lastgood/state',
  bundles: [
    {
      name: 'certificate',
      volumes: [{ path: '/lastgood/source', secret: true }],
      publish: '/lastgood/live',
      mountedAt: '/tls',
      targets: [{ webhook: { url: 'http://localhost:8080/reload' } }],
      confirm: {
        within: '30s',
        hold: '1s',
        tls: { address: 'localhost:8443', file: 'tls.crt' },
      },
    },
  ],
};

interface Seen {
  readonly handshakes: number;
  readonly failures: readonly string[];
  readonly names: readonly string[];
}

test('a renewed certificate is committed once it is served, and rolled back if the app ignores it, with 0 failed handshakes', async (t) => {
  const workspace = await Workspace.create(t, 'tls');
  const [first, second, third, fourth] = ['first', 'second', 'third', 'fourth'].map(makeKeyPair);
  assert.ok(first && second && third && fourth);
  const [settings, pod] = makePod({
    name: 'server',
    settings: SETTINGS,
    source: { secret: { secretName: 'tls', defaultMode: 0o400 } },
    mountedAt: '/tls',
    medium: 'Memory',
    program: fixture('tls-server.mjs'),
    securityContext: { fsGroup: 2000 },
    sidecarUser: 65532,
  });
  assert.ok(settings && pod);
  settings.data['client.mjs'] = fixture('tls-client.mjs');
  const [{ ports: _, ...app }] = pod.spec.containers;
  pod.spec.containers.push({ ...app, name: 'client', command: ['node', '/program/client.mjs'] });
  workspace.apply([makeTlsSecret('tls', first), settings, pod]);
  const server = workspace.pod('server');
  await server.steady();
  await seesAtLast(server, 'first');
  const secret = `/api/v1/namespaces/${workspace.name}/secrets/tls`;
  const rotate = async (pair: typeof first) => {
    const atMs = Date.now();
    await workspace.api.patch(secret, { stringData: pair });
    await server.refresh();
    return atMs;
  };

  const rotatedMs = await rotate(second);
  const committed = await server.outcome('committed', rotatedMs);

  await tell(server, 'ignore');
  const ignoredMs = await rotate(third);
  const back = await server.outcome('rolled-back', ignoredMs);
  assert.match(
    back.msg,
    /no proof within 30s .*localhost:8443 does not serve the certificate in tls\.crt: it serves one valid from .*; the file has one valid from /,
  );
  const { health, rejected, ready } = await server.bundle();
  assert.deepEqual([health.state, rejected?.step, ready], ['degraded', 'confirm', true]);
  assert.match(
    rejected?.findings.map(({ message }) => message).join('\n') ?? '',
    /does not serve the certificate in tls\.crt/,
  );
  assert.doesNotMatch(await server.logText('lastgood'), /CN=|"(?:first|second|third)"/, 'P8');

  await tell(server, 'heed');
  const fixedMs = await rotate(fourth);
  await server.outcome('committed', fixedMs);
  await seesAtLast(server, 'fourth');
  const { handshakes, failures, names } = await readSeen(server);
  assert.deepEqual(failures, []);
  assert.deepEqual(names, ['first', 'second', 'fourth']);
  t.diagnostic(
    `rotation → commit ${seconds(committed.atMs - rotatedMs)}, → rolled back ${seconds(back.atMs - ignoredMs)}; ${handshakes} handshakes, 0 failed; ${await describeMemory(server)}`,
  );
});

function fixture(name: string): string {
  return readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');
}

async function tell(pod: Pod, action: string): Promise<void> {
  const response = await fetch(`${pod.url(8080)}/${action}`);
  assert.equal(response.status, 200);
}

/** What the client has seen so far. */
async function readSeen(pod: Pod): Promise<Seen> {
  return (await (await fetch(pod.url(8081))).json()) as Seen;
}

function seesAtLast(pod: Pod, name: string): Promise<true> {
  return eventually(`the ${name} certificate at the client`, async () => {
    const { names } = await readSeen(pod);
    return names.includes(name) || undefined;
  });
}
