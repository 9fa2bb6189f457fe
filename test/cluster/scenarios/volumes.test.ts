import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../api.ts';
import { seconds } from './figures.ts';
import { makePod } from './manifests.ts';
import type { Pod } from './pod.ts';
import { type Manifest, Workspace } from './workspace.ts';

/** In direct mode. */
const BUNDLES = ['live', 'pinned', 'optional', 'deleted', 'immutable'];

const SOURCES: Readonly<Record<string, readonly object[]>> = {
  live: [{ path: '/lastgood/source' }],
  // A bundle without any file is not ready, so the optional volume is not its only one.
  optional: [{ path: '/lastgood/optional' }, { path: '/lastgood/immutable', at: 'base' }],
};

const SETTINGS = {
  stateDir: '/lastgood/state',
  bundles: BUNDLES.map((name) => ({
    name,
    volumes: SOURCES[name] ?? [{ path: `/lastgood/${name}` }],
  })),
};

const VOLUMES: Readonly<Record<string, Manifest>> = {
  '/lastgood/pinned/key': { name: 'pinned', subPath: 'key', configMap: { name: 'live' } },
  '/lastgood/optional': { name: 'optional', configMap: { name: 'optional', optional: true } },
  '/lastgood/deleted': { name: 'deleted', configMap: { name: 'deleted' } },
  '/lastgood/immutable': { name: 'immutable', configMap: { name: 'immutable' } },
};

test('which volumes change: not a subPath nor an immutable object; an optional and a deleted one when the object comes', async (t) => {
  const workspace = await Workspace.create(t, 'volumes');
  const startedMs = Date.now();
  workspace.apply([
    makeConfigMap('live', 'v1'),
    makeConfigMap('deleted', 'v1'),
    { ...makeConfigMap('immutable', 'v1'), immutable: true },
    ...makePod({
      name: 'volumes',
      settings: SETTINGS,
      source: { configMap: { name: 'live' } },
      mountedAt: '/config',
      program: "setInterval(() => {}, 1e6); process.on('SIGTERM', () => process.exit(0));",
      volumes: VOLUMES,
    }),
  ]);
  const pod = workspace.pod('volumes');
  await pod.steady();
  const warning = await pod.line('the warning of the subPath', startedMs, ({ msg }) =>
    msg.includes('LG_SOURCE_NEVER_CHANGES'),
  );
  assert.equal(warning.bundle, 'pinned');
  const before = await versionsOf(pod);

  const refused = await workspace.edit('immutable', { key: 'v2' }).catch(String);
  assert.match(String(refused), /field is immutable/);
  const path = `/api/v1/namespaces/${workspace.name}/configmaps`;
  for (const name of ['immutable', 'deleted']) await workspace.api.delete(`${path}/${name}`);
  await nextSync(workspace, pod, 'v2');
  assert.deepEqual(
    await versionsOf(pod, 'live'),
    without(before, 'live'),
    'a deleted object stays',
  );
  workspace.apply([makeLate()]);
  await eventually('what a person sees of a new pod', async () => {
    const shown = workspace.kubectl('describe', 'pod', 'late');
    return /FailedMount .*configmap "deleted" not found/.test(shown) || undefined;
  });

  const createdMs = Date.now();
  workspace.apply(['optional', 'deleted', 'immutable'].map((name) => makeConfigMap(name, 'v2')));
  await pod.refresh();
  for (const bundle of ['optional', 'deleted']) await pod.outcome('committed', createdMs, bundle);
  const tookMs = Date.now() - createdMs;
  await nextSync(workspace, pod, 'v3');
  const after = await versionsOf(pod);
  const changed = BUNDLES.filter((name) => after[name] !== before[name]);
  assert.deepEqual(changed, ['live', 'optional', 'deleted']);
  t.diagnostic(`object created → its optional volume committed ${seconds(tookMs)}`);
});

/** A pod without lastgood, which mounts an object that is not there any more. */
function makeLate(): Manifest {
  const objects = makePod({
    name: 'late',
    settings: {},
    source: { configMap: { name: 'deleted' } },
    mountedAt: '/config',
    program: '',
  });
  const pod = objects.at(-1) as Manifest;
  const [app] = pod.spec.containers;
  app.volumeMounts = [{ name: 'source', mountPath: '/config' }];
  pod.spec.volumes = pod.spec.volumes.filter(({ name }: Manifest) => name === 'source');
  delete pod.spec.initContainers;
  return pod;
}

/** The kubelet updates all volumes of a pod in one round: when one has changed, it was at each. */
async function nextSync(workspace: Workspace, pod: Pod, value: string): Promise<void> {
  const editedMs = await workspace.edit('live', { key: value });
  await pod.refresh();
  await pod.outcome('committed', editedMs, 'live');
}

/** What each bundle has in its volumes. */
async function versionsOf(pod: Pod, except?: string): Promise<Record<string, string | null>> {
  const names = BUNDLES.filter((name) => name !== except);
  const bundles = await Promise.all(names.map((name) => pod.bundle(name)));
  return Object.fromEntries(bundles.map(({ bundle, desired }) => [bundle, desired]));
}

function without(versions: Record<string, string | null>, name: string) {
  const { [name]: _, ...rest } = versions;
  return rest;
}

function makeConfigMap(name: string, value: string): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { key: value } };
}
