import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixture, inject, type Manifest, refusals } from './plan.testing.ts';
import { uninjectText } from './uninject-text.ts';

const WEB = fixture('one-container');

const NEWER = { version: '1.3.0', image: 'lastgood:1.3.0' } as const;

/** A text with lastgood, after edits that must find their place. */
function editedBy(edits: readonly (readonly [from: string, to: string])[], text = WEB): string {
  return edits.reduce((all, [from, to]) => {
    assert.ok(all.includes(from), from);
    return all.replace(from, to);
  }, inject(text).text);
}

const CHECK: readonly [string, string] = [
  '        mountedAt: /etc/web\n',
  '        mountedAt: /etc/web\n        # Ask Kim before you change this.\n        validate: [{ shape: warn }]\n',
];

const MEMORY: readonly [string, string] = [
  'memory: 64Mi',
  'memory: 96Mi # our nodes read ahead 8 MiB',
];

test('an upgrade keeps what a person has edited, with the comments, and a note names it', () => {
  const edited = editedBy([CHECK, MEMORY, ['sizeLimit: 16Mi', 'sizeLimit: 32Mi']]);
  const { text, notes, sidecar, settings, bundles } = inject(edited, NEWER);
  assert.match(
    notes.join('\n'),
    /^Deployment web: keeps what was edited since inject: lastgood\.yaml: bundles\.config\.validate, volumes\.lastgood-state\.emptyDir\.sizeLimit, initContainers\.lastgood\.resources\.limits\.memory$/m,
  );
  assert.deepEqual(bundles[0].validate, [{ shape: 'warn' }]);
  assert.equal(settings.metadata.annotations['lastgood.dev/injected'], '1.3.0');
  assert.equal(sidecar.image, 'lastgood:1.3.0');
  assert.match(text, /# Ask Kim/);
  assert.match(text, /96Mi # our nodes/);
  assert.equal(inject(text, NEWER).text, text);
  assert.equal(uninjectText('m.yaml', text).text, WEB);
});

test('uninject gives back the bytes whatever was edited, and a note names it', () => {
  const edited = editedBy([
    CHECK,
    MEMORY,
    ['apiVersion: v1\nkind: ConfigMap', '# Of the team web.\napiVersion: v1\nkind: ConfigMap'],
    ['  lastgood.yaml: |', '  schema.json: "{}"\n  lastgood.yaml: |'],
  ]);
  const { text, notes } = uninjectText('m.yaml', `${edited}\n`);
  assert.equal(text, `${WEB}\n`);
  assert.match(
    notes.join(),
    /edited since inject is taken out too: initContainers\.lastgood, ConfigMap/,
  );
  assert.deepEqual(uninjectText('m.yaml', inject(WEB).text).notes, []);
});

test('new settings give the pods another annotation, also if a person edited them', () => {
  const digest = (text: string) =>
    inject(text).workload.spec.template.metadata.annotations['lastgood.dev/settings'];
  assert.notEqual(digest(editedBy([CHECK])), digest(WEB));
  assert.equal(digest(editedBy([MEMORY])), digest(WEB));
});

test('a key that a person added to the ConfigMap stays', () => {
  const edited = editedBy([['  lastgood.yaml: |', '  schema.json: "{}"\n  lastgood.yaml: |']]);
  const { settings, text } = inject(edited, NEWER);
  assert.deepEqual(Object.keys(settings.data), ['schema.json', 'lastgood.yaml']);
  assert.match(text, /schema\.json: "\{\}"/);
});

test('other flags change what a person did not edit, and nothing else', () => {
  const edited = editedBy([CHECK]);
  const { bundles } = inject(edited, { webhook: 'http://localhost/r' });
  assert.deepEqual(bundles[0].validate, [{ shape: 'warn' }]);
  assert.deepEqual(bundles[0].targets, [{ webhook: { url: 'http://localhost/r' } }]);
});

test('an edit wins where the flags differ too', () => {
  const first = inject(WEB, { webhook: 'http://localhost/r' }).text;
  const edited = first.replace(
    /url: http:\/\/localhost\/r\n/,
    (line) => `${line}              body: none\n`,
  );
  const { bundles, notes } = inject(edited, { webhook: 'http://localhost/other' });
  assert.deepEqual(bundles[0].targets, [{ webhook: { url: 'http://localhost/r', body: 'none' } }]);
  assert.match(notes.join(), /keeps .*bundles\.config\.targets/);
});

test('a target that a person added is one: no note says that the app must watch its files', () => {
  const edited = editedBy([
    ['        mountedAt: /etc/web\n', '        mountedAt: /etc/web\n        preset: prometheus\n'],
  ]);
  assert.doesNotMatch(inject(edited).notes.join(), /no target/);
});

test('an edited image stays, unless --image names another', () => {
  const edited = editedBy([['image: lastgood:1.2.3', 'image: mirror/lastgood:1']]);
  assert.equal(inject(edited, NEWER).sidecar.image, 'mirror/lastgood:1');
  const named = inject(edited, { ...NEWER, isImageSet: true });
  assert.equal(named.sidecar.image, 'lastgood:1.3.0');
  assert.doesNotMatch(named.notes.join(), /keeps/);
});

test('flags, mounts and variables that a person gave the container stay', () => {
  const edited = editedBy([
    [
      '          volumeMounts:\n            - name: lastgood-settings',
      '          env:\n            - { name: A, value: b }\n          volumeMounts:\n            - { name: schemas, mountPath: /schemas }\n            - name: lastgood-settings',
    ],
  ]);
  const { sidecar } = inject(edited, { ...NEWER, mode: 'sdk' });
  assert.deepEqual(sidecar.env, [{ name: 'A', value: 'b' }]);
  const paths = sidecar.volumeMounts.map(({ mountPath }: Manifest) => mountPath);
  assert.ok(paths.includes('/schemas') && paths.includes('/lastgood/run'), paths.join());
  assert.ok(!paths.includes('/lastgood/live/config'), paths.join());
});

test('drop-in: flags of the container stay', () => {
  const options = { mode: 'drop-in', webhook: 'http://localhost/r' } as const;
  const edited = inject(WEB, options).text.replace(
    /( +)- --webhook-url.*\n/,
    '$&$1- --shape=warn\n',
  );
  assert.ok(inject(edited, { ...options, ...NEWER }).sidecar.args.includes('--shape=warn'));
  assert.equal(uninjectText('m.yaml', edited).text, WEB);
});

test('in another mode, a note names what has no place any more', () => {
  const options = { mode: 'drop-in', webhook: 'http://localhost/r' } as const;
  assert.match(inject(editedBy([CHECK]), options).notes.join(), /taken out too: ConfigMap$/m);
});

test('settings that a person has broken are refused', () => {
  for (const [from, to] of [
    ['stateDir: /lastgood/state', 'stateDir: 5'],
    ['stateDir: /lastgood/state', 'stateDir: ['],
    ['  lastgood.yaml: |', '  other.yaml: |'],
  ] as const)
    assert.match(refusals(editedBy([[from, to]]))[0] ?? '', /LG_INJECT_SETTINGS/, to);
});
