import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEdits } from '../../demo/edits.ts';
import { eventually } from '../api.ts';
import { makeExample, objectOf } from './example.ts';
import { seconds } from './figures.ts';
import { makePod } from './manifests.ts';
import { exitCodesOf, type PodObject } from './pod.ts';
import { type Manifest, Workspace } from './workspace.ts';

const EDITS = makeEdits();

test('a deleted pod stops the app first, then lastgood, both with 0', async (t) => {
  const workspace = await Workspace.create(t, 'deletion');
  workspace.apply(makeExample(EDITS.first));
  const pod = workspace.pod('inference-server');
  await pod.ready();
  const deletedMs = Date.now();
  const codes: string[] = [];
  const list = `/api/v1/namespaces/${workspace.name}/pods?fieldSelector=metadata.name%3D${pod.name}`;
  for await (const { type, object } of workspace.api.watch<PodObject>(list)) {
    // Once the watch has begun, or a busy test could miss the end.
    if (codes.length === 0) await workspace.api.delete(pod.path);
    const code = exitCodesOf(object);
    if (code !== codes.at(-1)) codes.push(code);
    if (type === 'DELETED') break;
  }
  assert.equal(codes.at(-1), 'app 0 lastgood 0');
  assert.ok(!codes.includes('app - lastgood 0'), codes.join(', '));
  t.diagnostic(`${codes.join(', ')} after ${seconds(Date.now() - deletedMs)}`);
});

test('a Job with --once fails on a bad ConfigMap and completes on a good one', async (t) => {
  const workspace = await Workspace.create(t, 'once');
  workspace.apply([...makeJob('bad', EDITS.schema), ...makeJob('good', EDITS.first)]);
  const conditions = await eventually('the end of both Jobs', async () => {
    const ends = await Promise.all(['bad', 'good'].map((name) => readEnd(workspace, name)));
    return ends.includes(undefined) ? undefined : ends;
  });
  assert.deepEqual(conditions, ['Failed', 'Complete']);
  const reason = /config\.yaml:22:21: .*must be <= 512.*\[LG_VALIDATE_SCHEMA\]/;
  assert.match(workspace.kubectl('logs', 'job/bad'), reason);
  const message = 'jsonpath={.items[0].status.containerStatuses[0].state.terminated.message}';
  const ofJob = ['get', 'pods', '--selector=job-name=bad', '-o', message];
  assert.match(workspace.kubectl(...ofJob), reason);
});

test('a Job with lastgood as its init container, or as a native sidecar, completes on the last good one', async (t) => {
  const workspace = await Workspace.create(t, 'job');
  workspace.apply(makeExample(EDITS.first).flatMap(makeJobs));
  const names = ['init-container', 'sidecar'];
  const ends = await eventually('the end of both Jobs', async () => {
    const all = await Promise.all(names.map((name) => readEnd(workspace, name)));
    return all.includes(undefined) ? undefined : all;
  });
  assert.deepEqual(ends, ['Complete', 'Complete']);
  for (const name of names) {
    assert.match(workspace.kubectl('logs', `job/${name}`, '-c', 'inference-server'), /^loaded/);
    const [pod] = await workspace.podsOf(name);
    assert.equal(pod && exitCodesOf(await pod.read()), 'app 0 lastgood 0');
  }
});

const FRAGILE = `
import { readFileSync, readlinkSync } from 'node:fs';
import http from 'node:http';
const read = () => {
  const dir = '/config/' + readlinkSync('/config/..data');
  if (readFileSync(dir + '/mode', 'utf8') === 'crash') process.exit(3);
  return dir.slice(-12);
};
let version = read();
http.createServer((request, response) => {
  if (request.method === 'POST') version = read();
  response.end(JSON.stringify({ version }));
}).listen(8080);
process.on('SIGTERM', () => process.exit(0));
`;

test('an app that crashes on the first version is rescued by the next one', async (t) => {
  const workspace = await Workspace.create(t, 'crash-loop');
  const url = 'http://localhost:8080';
  workspace.apply([
    makeMode('crash'),
    ...makePod({
      name: 'fragile',
      settings: {
        stateDir: '/lastgood/state',
        bundles: [
          {
            name: 'mode',
            volumes: [{ path: '/lastgood/source' }],
            publish: '/lastgood/live',
            mountedAt: '/config',
            targets: [{ webhook: { url: `${url}/reload` } }],
            confirm: { hold: '1s', http: { url: `${url}/health`, version: { json: 'version' } } },
          },
        ],
      },
      source: { configMap: { name: 'mode' } },
      mountedAt: '/config',
      program: FRAGILE,
    }),
  ]);
  const pod = workspace.pod('fragile');
  await eventually('the crash loop', async () => {
    const app = await pod.container('inference-server');
    return app?.state.waiting?.reason === 'CrashLoopBackOff' || undefined;
  });
  const editedMs = await workspace.edit('mode', { mode: 'work' });
  await pod.refresh();
  const committed = await pod.outcome('committed', editedMs);
  const { restartCount } = (await pod.container('inference-server')) ?? {};
  t.diagnostic(
    `fix → commit ${seconds(committed.atMs - editedMs)}, after ${restartCount} restarts of the app`,
  );
});

/** lastgood alone in a Job, on a separate ConfigMap. */
function makeJob(name: string, config: string): readonly Manifest[] {
  const objects = makeExample(config);
  const { spec } = objectOf(objects, 'Pod', 'inference-server');
  const {
    startupProbe: _,
    livenessProbe: __,
    restartPolicy: ___,
    ...lastgood
  } = spec.initContainers[0];
  lastgood.args.push('--once');
  const configMap = objectOf(objects, 'ConfigMap', 'model-config');
  configMap.metadata.name = name;
  spec.volumes.find((volume: Manifest) => volume.name === 'source').configMap.name = name;
  const template = {
    spec: { ...spec, restartPolicy: 'Never', initContainers: [], containers: [lastgood] },
  };
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name } };
  const settings = objectOf(objects, 'ConfigMap', 'lastgood-settings');
  return [settings, configMap, { ...job, spec: { backoffLimit: 0, template } }];
}

/** Jobs in place of the pod of the example; other objects stay. */
function makeJobs(object: Manifest): readonly Manifest[] {
  if (object.kind !== 'Pod') return [object];
  const { spec } = object;
  const [lastgood] = spec.initContainers;
  const [app] = spec.containers;
  const { args, readinessProbe: _, ...once } = app;
  once.command = ['node', '-e', "console.log('loaded', fs.readdirSync('/config').join())"];
  const { startupProbe: __, livenessProbe: ___, restartPolicy: ____, ...init } = lastgood;
  init.args = [...lastgood.args, '--once'];
  return Object.entries({ 'init-container': init, sidecar: lastgood }).map(([name, container]) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { labels: { app: name } },
        spec: { ...spec, restartPolicy: 'Never', initContainers: [container], containers: [once] },
      },
    },
  }));
}

async function readEnd({ api, name }: Workspace, job: string): Promise<string | undefined> {
  const path = `/apis/batch/v1/namespaces/${name}/jobs/${job}`;
  const { status } = await api.get<{
    status: { conditions?: { type: string; status: string }[] };
  }>(path);
  const ended = status.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
  return ended?.type;
}

function makeMode(mode: string): Manifest {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mode' }, data: { mode } };
}
