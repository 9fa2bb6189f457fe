import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seconds } from './figures.ts';
import { makePod } from './manifests.ts';
import { Workspace } from './workspace.ts';

/** Both watch the same volume: the second one shows that it was swapped. */
const BUNDLES = [
  { name: 'config', exclude: ['token', 'annotations'] },
  { name: 'everything', exclude: ['token'] },
];

const SETTINGS = {
  stateDir: '/lastgood/state',
  bundles: BUNDLES.map(({ name, exclude }) => ({
    name,
    volumes: [{ path: '/lastgood/source', exclude }],
  })),
};

const SOURCES = [
  { configMap: { name: 'config' } },
  { serviceAccountToken: { path: 'token', expirationSeconds: 600 } },
  // Changes with each refresh, and swaps the volume as a new token does each hour.
  {
    downwardAPI: {
      items: [{ path: 'annotations', fieldRef: { fieldPath: 'metadata.annotations' } }],
    },
  },
];

const SWAPS = 3;

test('a volume that is swapped for a token or the like is silent, if the settings exclude the file', async (t) => {
  const workspace = await Workspace.create(t, 'token');
  workspace.apply([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' }, data: { key: 'v1' } },
    ...makePod({
      name: 'token',
      settings: SETTINGS,
      source: { projected: { sources: SOURCES } },
      mountedAt: '/config',
      program: "setInterval(() => {}, 1e6); process.on('SIGTERM', () => process.exit(0));",
    }),
  ]);
  const pod = workspace.pod('token');
  await pod.steady();
  const startedMs = Date.now();
  for (let swap = 0; swap < SWAPS; swap += 1) {
    const sinceMs = Date.now();
    await pod.refresh();
    await pod.outcome('committed', sinceMs, 'everything');
  }
  const lines = (await pod.log()).filter((line) => line.atMs > startedMs);
  assert.deepEqual(
    lines.filter(({ bundle }) => bundle === 'config'),
    [],
  );

  const editedMs = await workspace.edit('config', { key: 'v2' });
  await pod.refresh();
  const committed = await pod.outcome('committed', editedMs, 'config');
  t.diagnostic(
    `${SWAPS} swaps without a line in the log; then edit → commit ${seconds(committed.atMs - editedMs)}`,
  );
});
