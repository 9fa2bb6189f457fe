import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workspace } from './workspace.testing.ts';

const KEYS = JSON.stringify({ type: 'object', required: ['PORT'] });

const SETTINGS = `bundles:
  - name: app
    volumes:
      - path: /lastgood/source/app
      - { path: /lastgood/source/db, at: db, secret: true }
    validate:
      - { keys: "*", schema: keys.json }
      - files: db/password
`;

const objects = (...more: string[]) =>
  [
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: app }\ndata: { PORT: "80" }\n',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: other }\ndata: { HOST: a }\n',
    'apiVersion: v1\nkind: Secret\nmetadata: { name: db }\nstringData: { password: x1Yz }\n',
    ...more,
  ].join('---\n');

const POD = JSON.stringify({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    template: {
      spec: {
        initContainers: [
          {
            name: 'lastgood',
            volumeMounts: [
              { name: 'source', mountPath: '/lastgood/source/app/' },
              { name: 'db', mountPath: '/lastgood/source/db' },
            ],
          },
        ],
        containers: [{ name: 'app', volumeMounts: [{ name: 'other', mountPath: '/other' }] }],
        volumes: [
          { name: 'source', projected: { sources: [{ configMap: { name: 'app' } }] } },
          { name: 'other', configMap: { name: 'other' } },
          { name: 'db', secret: { secretName: 'db' } },
        ],
      },
    },
  },
});

const config = 'lastgood.yaml';

test('P11: the checks of a bundle are for the objects that its pod mounts', async (t) => {
  const files = { 'keys.json': KEYS, [config]: SETTINGS, 'm.yaml': objects(`${POD}\n`) };
  const { validate } = workspace(t, files);
  const { end, said, notes } = await validate(['m.yaml'], { config });
  assert.deepEqual([end, said, notes], ['good', [], []]);
});

test('without a pod, the settings can name the object of a volume', async (t) => {
  const named = SETTINGS.replace('source/app', 'source/app\n        object: ConfigMap/app').replace(
    'at: db,',
    'at: db, object: Secret/db,',
  );
  const wrong = objects().replace('PORT', 'PROT').replace('password', 'pass');
  const files = { 'keys.json': KEYS, [config]: named, 'm.yaml': objects(), 'wrong.yaml': wrong };
  const { validate } = workspace(t, files);
  const good = await validate(['m.yaml'], { config });
  assert.deepEqual([good.end, good.said, good.notes], ['good', [], []]);
  const { said } = await validate(['wrong.yaml'], { config });
  assert.deepEqual(
    said.map((each: string) => each.replace(/^wrong\.yaml:\d+:\d+: /, '')),
    ['db/password: is not in the snapshot', 'PORT: is missing, and the schema requires it'],
  );
});

test('P11: without both, a note says that the checks ran on every object', async (t) => {
  const files = { 'keys.json': KEYS, [config]: SETTINGS, 'm.yaml': objects() };
  const { validate } = workspace(t, files);
  const { said, notes } = await validate(['m.yaml'], { config });
  assert.equal(said.length, 2);
  assert.deepEqual(notes, [
    'the checks of the bundle app ran on 3 objects; "object: ConfigMap/NAME" on a volume names the one',
  ]);
});

test('a bundle in one file and its pod in another are one', async (t) => {
  const files = { 'keys.json': KEYS, [config]: SETTINGS, 'd/m.yaml': objects(), 'd/p.json': POD };
  const { validate } = workspace(t, files);
  for (const inputs of [['d'], ['d/p.json', 'd/m.yaml']])
    assert.deepEqual((await validate(inputs, { config })).said, [], inputs.join());
});
