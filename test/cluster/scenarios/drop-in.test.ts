import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { findPeer, type PeerName } from '../../contract/peers.ts';
import { eventually } from '../api.ts';
import { kubectl } from '../kubectl.ts';
import { seconds } from './figures.ts';
import { makePod } from './manifests.ts';
import type { Pod } from './pod.ts';
import { type Manifest, Workspace } from './workspace.ts';

const EDITS = 5;

/** The command lines, which differ only in the path that they request and the port that they listen on. */
const ARGS: Readonly<Record<PeerName, (path: string, port: number) => readonly string[]>> = {
  'configmap-reload': (path, port) => [
    '--volume-dir=/config',
    `--webhook-url=http://localhost:8080/${path}`,
    `--web.listen-address=:${port}`,
  ],
  'prometheus-config-reloader': (path, port) => [
    '--watched-dir=/config',
    `--reload-url=http://localhost:8080/${path}`,
    `--listen-address=:${port}`,
  ],
};

/** Where their own images have them, and the Prometheus operator expects the second. */
const COMMANDS: Readonly<Record<PeerName, string>> = {
  'configmap-reload': '/configmap-reload',
  'prometheus-config-reloader': '/bin/prometheus-config-reloader',
};

/** A reloader in the pod: lastgood in place of one, or that one. */
interface Reloader {
  readonly peer: PeerName;
  /** The path that it requests, and the name of its container. */
  readonly name: string;
  readonly port: number;
  /** Of the real program; undefined for lastgood. */
  readonly program?: string;
}

const PEERS = Object.keys(ARGS) as PeerName[];
const LASTGOOD: readonly Reloader[] = PEERS.map((peer, index) => ({
  peer,
  name: `lastgood-${index}`,
  port: 9533 + index,
}));
const REAL: readonly Reloader[] = PEERS.flatMap((peer, index) => {
  const program = findPeer(peer);
  return program === undefined
    ? []
    : [{ peer, name: `real-${index}`, port: 9543 + index, program }];
});
const RELOADERS = [...LASTGOOD, ...REAL];

/** Counts the requests by their path. */
const APP = `
import http from 'node:http';
const counts = {};
process.on('SIGTERM', () => process.exit(0));
http.createServer(({ method, url }, response) => {
  if (method === 'POST') counts[url] = (counts[url] ?? 0) + 1;
  response.end(JSON.stringify(counts));
}).listen(8080);
`;

test('in the specs of other reloaders, with the image alone changed, lastgood notifies the app as they do', async (t) => {
  const workspace = await Workspace.create(t, 'drop-in');
  workspace.apply([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' }, data: { key: 'v0' } },
    ...makeReloaded(),
  ]);
  const pod = workspace.pod('reloaded');
  await eventually('the containers', async () => {
    const { status } = await pod.read();
    return status.containerStatuses?.every(({ state }) => state.running) || undefined;
  });
  for (const { name, program } of REAL)
    if (program !== undefined) copyProgram(workspace, name, program);
  await pod.ready();
  const started = await countsOf(pod, 0);
  // Some had no answer, if the app did not listen yet.
  const reloadsBefore = await Promise.all(RELOADERS.map((each) => readFirstReloads(pod, each)));

  const firstMs = Date.now();
  for (let edit = 1; edit <= EDITS; edit += 1) {
    await workspace.edit('config', { key: `v${edit}` });
    await pod.refresh();
    await countsOf(pod, edit, started);
  }
  const tookMs = Date.now() - firstMs;
  const counts = await countsOf(pod, EDITS, started);
  for (const { name } of RELOADERS)
    assert.equal((counts[name] ?? 0) - (started[name] ?? 0), EDITS, JSON.stringify(counts));
  const wanted = reloadsBefore.map((count) => count + EDITS);
  // A reloader counts a request after the app has.
  await eventually('the metrics', async () => {
    const reloads = await Promise.all(RELOADERS.map((each) => readReloads(pod, each)));
    assert.deepEqual(reloads, wanted);
    return true;
  });
  t.diagnostic(
    `${EDITS} edits in ${seconds(tookMs)}, ${EDITS} requests of each: lastgood as ${PEERS.join(' and ')}; real: ${REAL.map(({ peer }) => peer).join(', ') || 'none here'}`,
  );
});

/** The app with the reloaders; the example's pod without its sidecar. */
function makeReloaded(): readonly Manifest[] {
  const objects = makePod({
    name: 'reloaded',
    settings: {},
    source: { configMap: { name: 'config' } },
    mountedAt: '/config',
    program: APP,
  });
  const { spec } = objects.at(-1) as Manifest;
  const [lastgood] = spec.initContainers;
  const [app] = spec.containers;
  delete spec.initContainers;
  const mount = { name: 'source', mountPath: '/config', readOnly: true };
  const reloaders = RELOADERS.map(({ peer, name, port, program }) => {
    const { securityContext } = lastgood;
    const shared = { name, securityContext, readinessProbe: { tcpSocket: { port } } };
    const args = ARGS[peer](name, port);
    if (program === undefined)
      return {
        ...shared,
        image: lastgood.image,
        command: [COMMANDS[peer]],
        args,
        resources: lastgood.resources,
        volumeMounts: [mount],
      };
    // Its program comes once the container runs: no registry need be reachable for its image.
    const wait = `until [ -x /program/${name} ]; do sleep 0.1; done; exec /program/${name} "$@"`;
    const volumeMounts = [mount, { name: 'live', mountPath: '/program' }];
    return { ...shared, image: app.image, command: ['sh', '-c', wait, 'sh'], args, volumeMounts };
  });
  app.volumeMounts = [{ name: 'settings', mountPath: '/program', readOnly: true }];
  spec.containers = [app, ...reloaders];
  spec.volumes.find(({ name }: Manifest) => name === 'live').emptyDir = {};
  return objects;
}

/** Takes some minutes for a large program: only where the contract has one. */
function copyProgram(workspace: Workspace, name: string, program: string): void {
  const path = `/program/${name}`;
  const script = `cat > ${path}.part && chmod +x ${path}.part && mv ${path}.part ${path}`;
  const argv = [
    '-n',
    workspace.name,
    'exec',
    '-i',
    'reloaded',
    '-c',
    name,
    '--',
    'sh',
    '-c',
    script,
  ];
  const { status, stderr } = kubectl(process.env.KUBECONFIG ?? '', argv, readFileSync(program));
  assert.equal(status, 0, stderr);
}

/** The requests of each reloader, once all have sent as many as the edits since the start. */
function countsOf(pod: Pod, edits: number, started: Record<string, number> = {}) {
  return eventually(`${edits} requests of each reloader`, async () => {
    const response = await fetch(`${pod.url(8080)}/`);
    const byPath = Object.entries((await response.json()) as Record<string, number>);
    const counts = Object.fromEntries(byPath.map(([path, count]) => [path.slice(1), count]));
    // One notifies at its start too.
    const isThere = ({ name, peer }: Reloader) =>
      (counts[name] ?? 0) - (started[name] ?? 0) >=
      (edits === 0 && peer === 'prometheus-config-reloader' ? 1 : edits);
    return RELOADERS.every(isThere) ? counts : undefined;
  });
}

/** The number of reloads, and that the last one was a success. */
const METRICS: Readonly<Record<PeerName, readonly [RegExp, RegExp]>> = {
  'configmap-reload': [
    /^configmap_reload_success_reloads_total\{.*\} (\d+)$/m,
    /^configmap_reload_last_reload_error\{.*\} 0$/m,
  ],
  'prometheus-config-reloader': [
    /^reloader_reloads_total (\d+)$/m,
    /^reloader_last_reload_successful 1$/m,
  ],
};

/** How often the reloader has reloaded the app, by its metrics. Undefined until the last one was a success. */
async function readReloads(pod: Pod, { port, peer }: Reloader): Promise<number | undefined> {
  const metrics = await (await fetch(`${pod.url(port)}/metrics`)).text();
  const [reloads, success] = METRICS[peer];
  return success.test(metrics) ? Number(reloads.exec(metrics)?.[1]) : undefined;
}

/** One of them reloads at its start too. */
async function readFirstReloads(pod: Pod, reloader: Reloader): Promise<number> {
  if (reloader.peer === 'configmap-reload') return 0;
  return eventually(`the first reload of ${reloader.name}`, () => readReloads(pod, reloader));
}
