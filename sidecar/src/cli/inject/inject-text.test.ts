import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { dump, load } from 'js-yaml';
import { injectText } from './inject-text.ts';
import type { Mode } from './modes.ts';
import type { InjectOptions } from './options.ts';
import { fixture, type Manifest, OPTIONS } from './plan.testing.ts';
import { readStream } from './stream.ts';
import { uninjectText } from './uninject-text.ts';

const DIR = join(import.meta.dirname, 'fixtures');

const ONE = load(fixture('one-container')) as object;
const LIST = load(fixture('list')) as object;

/** Manifests that differ as much as possible in how they are written. */
const CORPUS: readonly (readonly [name: string, text: string])[] = [
  ...readdirSync(DIR).map((file) => {
    const name = file.replace('.yaml', '');
    return [name, fixture(name)] as const;
  }),
  ['JSON', `${JSON.stringify(ONE, null, 2)}\n`],
  ['JSON with tabs', JSON.stringify(ONE, null, '\t')],
  ['JSON in one line', JSON.stringify(ONE)],
  ['a list in JSON', JSON.stringify(LIST, null, 4)],
  ['CRLF', fixture('inference').replaceAll('\n', '\r\n')],
  ['no line break at the end', fixture('one-container').trimEnd()],
  ['a comment at the end', `${fixture('helm')}# end`],
  [
    'documents of comments alone',
    `---\n# one\n---\n# Source: a.yaml\n# two\n---\n${fixture('one-container')}---\n# end\n`,
  ],
  ['two workloads', `${fixture('one-container')}---\n${fixture('stateful-set')}`],
];

/** Every mode, with what it takes to work with all of the corpus. */
const MODES: Readonly<Record<Mode, Partial<InjectOptions>>> = {
  publish: {},
  sdk: {},
  signal: { signal: 'app=SIGUSR1' },
  'drop-in': { webhook: 'http://localhost:8080/-/reload' },
};

/** The modes in which an app of the corpus cannot work. */
const REFUSED = new Set(['projected signal', 'anchors sdk']);

/** All objects of a stream, without the items of a list around them. */
function objectsIn(text: string): readonly Manifest[] {
  const stream = readStream(text);
  assert.ok('documents' in stream);
  const values = structuredClone(stream.documents.map(({ value }) => value)) as Manifest[];
  return values.flatMap((each) => each?.items ?? [each]);
}

/** Without keys, items and objects of lastgood, and without what is empty. */
function withoutLastgood(value: Manifest): Manifest {
  if (Array.isArray(value)) {
    const items = value.filter(({ name }) => !/^lastgood(?:-|$)/.test(name)).map(withoutLastgood);
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const entries = Object.entries(value)
    .filter(([key]) => !key.startsWith('lastgood.dev/'))
    .map(([key, each]) => [key, withoutLastgood(each)])
    .filter(([, each]) => each !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The pod's spec in an object. */
function specIn(object: Manifest): Manifest {
  const { spec } = object ?? {};
  return spec?.jobTemplate?.spec?.template?.spec ?? spec?.template?.spec ?? spec;
}

/** Gives the volumes of the kubelet their names again, and removes what has taken their place. */
function withOwnVolumes(object: Manifest): Manifest {
  const spec = specIn(object);
  const names: readonly string[] = (spec?.volumes ?? []).map(({ name }: Manifest) => name);
  if (spec?.volumes === undefined) return object;
  spec.volumes = spec.volumes
    .filter(({ name }: Manifest) => !names.includes(`${name}-source`))
    .map((volume: Manifest) => ({ ...volume, name: volume.name.replace(/-source$/, '') }));
  return object;
}

/** A reloader whose place lastgood takes. */
function withoutReloader(object: Manifest): Manifest {
  const spec = specIn(object);
  const isReloader = ({ name }: Manifest) => ['config-reloader', 'watcher'].includes(name);
  if (spec?.containers)
    spec.containers = spec.containers.filter((each: Manifest) => !isReloader(each));
  return object;
}

for (const [name, text] of CORPUS)
  test(`publish, ${name}: the objects are the same except for lastgood and the volumes`, () => {
    const { text: injected } = injectText('m.yaml', text, OPTIONS);
    const after = objectsIn(injected)
      .filter((each) => !each?.metadata?.name?.endsWith('-lastgood'))
      .map((each) => withoutLastgood(withOwnVolumes(each)));
    assert.deepEqual(
      after,
      objectsIn(text).map((each) => withoutLastgood(withoutReloader(each))),
    );
  });

for (const [name, text] of CORPUS)
  for (const [mode, more] of Object.entries(MODES)) {
    const options = { ...OPTIONS, ...more, mode: mode as Mode };
    if (REFUSED.has(`${name} ${mode}`)) continue;
    test(`${mode}, ${name}: a second run changes nothing, and uninject gives back the bytes`, () => {
      const { text: injected, findings } = injectText('m.yaml', text, options);
      assert.deepEqual(findings, []);
      assert.notEqual(injected, text);
      const again = injectText('m.yaml', injected, options);
      assert.deepEqual([again.text, again.findings], [injected, []]);
      const back = uninjectText('m.yaml', injected);
      assert.deepEqual([back.text, back.findings], [text, []]);
      const older = injectText('m.yaml', injected, { ...options, version: '1.3.0' });
      assert.equal(uninjectText('m.yaml', older.text).text, text);
      assert.match(older.text, /lastgood\.dev\/injected"?: ?"?1\.3\.0/);
    });
  }

test('a reloader is removed wherever it is in a list, also as the only init container', () => {
  const image = 'ghcr.io/jimmidyson/configmap-reload:v0.15.0';
  const args = ['--volume-dir=/c', '--webhook-url=http://localhost:8080/r'];
  const volumeMounts = [{ name: 'config', mountPath: '/c' }];
  const reloader = (name: string) => ({ name, image, args, volumeMounts, restartPolicy: 'Always' });
  const plain = (name: string) => ({ name, image: 'plain:1' });
  for (const initContainers of [
    [reloader('r1')],
    [reloader('r1'), reloader('r2')],
    [reloader('r1'), reloader('r2'), plain('p1')],
    [plain('p1'), reloader('r1'), reloader('r2')],
    [reloader('r1'), plain('p1'), reloader('r2'), plain('p2')],
  ]) {
    const object = structuredClone(ONE) as Manifest;
    object.spec.template.spec.initContainers = initContainers;
    for (const text of [
      dump(object),
      dump(object, { flowLevel: 4 }),
      dump(object, { flowLevel: 5, lineWidth: -1 }),
      JSON.stringify(object),
      JSON.stringify(object, null, 2),
    ]) {
      const { text: injected, findings } = injectText('m.yaml', text, OPTIONS);
      assert.deepEqual(findings, [], text);
      if (text.startsWith('{')) assert.doesNotThrow(() => JSON.parse(injected), injected);
      const left = objectsIn(injected)[0].spec.template.spec.initContainers;
      assert.deepEqual(
        left.map(({ name }: Manifest) => name),
        ['lastgood', ...initContainers.map(({ name }) => name).filter((name) => /^p/.test(name))],
      );
      assert.equal(uninjectText('m.yaml', injected).text, text);
    }
  }
});

test('uninject keeps what a person has changed elsewhere', () => {
  const image = /image: (?!"?lastgood)[^,}\s]+/g;
  const edit = (text: string) => text.replaceAll(image, 'image: "mine:2.0.0-with-a-longer-tag"');
  // Of those, inject removes a container with an image.
  const isReplaced = (text: string) => /name: (?:config-reloader|watcher)$/m.test(text);
  for (const [name, text] of CORPUS.filter(([, each]) => !isReplaced(each))) {
    const { text: injected } = injectText('m.yaml', text, OPTIONS);
    const back = uninjectText('m.yaml', edit(injected));
    assert.deepEqual([back.text, back.findings], [edit(text), []], name);
  }
});

test('uninject refuses what it has not written, and leaves it as it is', () => {
  const { text } = injectText('m.yaml', fixture('one-container'), OPTIONS);
  const edits: readonly (readonly [string | RegExp, string])[] = [
    ['"lastgood.dev/sidecar": "true", ', ''],
    [/undo: .*/, 'undo: v1.AAAA'],
    [/ +lastgood\.dev\/undo: .*\n/, ''],
    ['name: web-lastgood\n  annotations', 'name: web-settings\n  annotations'],
    ['name: lastgood\n', 'name: sidecar\n'],
    [/config-source(?=\n +configMap)/, 'config-source-2'],
  ];
  for (const [from, to] of edits) {
    const edited = text.replace(from, to);
    assert.notEqual(edited, text);
    const { text: after, findings } = uninjectText('m.yaml', edited);
    assert.deepEqual([after, findings.map(({ code }) => code)], [edited, ['LG_INJECT_UNDO']]);
    assert.equal(injectText('m.yaml', edited, OPTIONS).text, edited);
  }
});

test('uninject refuses an image to which a person has added something', () => {
  const options = { ...OPTIONS, mode: 'drop-in' } as const;
  const { text } = injectText('m.yaml', fixture('inference'), options);
  for (const image of [
    'mirror/lastgood:1.2.3',
    'lastgood:1.2.3-fips',
    'lastgood:1.2.3@sha256:12',
  ]) {
    const edited = text.replace('image: lastgood:1.2.3', `image: ${image}`);
    assert.notEqual(edited, text);
    const { text: after, findings } = uninjectText('m.yaml', edited);
    assert.deepEqual([after, findings.map(({ code }) => code)], [edited, ['LG_INJECT_UNDO']]);
  }
});

/** What an annotation of uninject has, as text. */
function undoIn(text: string): string {
  const payloads = text.matchAll(/undo"?: ?"?v1\.([\w-]+)/g);
  const read = (written = '') => inflateRawSync(Buffer.from(written, 'base64url')).toString();
  return [...payloads].map(([, payload]) => read(payload)).join('');
}

test('P8: the annotation of uninject repeats nothing of a Secret beside the workload', () => {
  const secret = {
    metadata: { name: 's' },
    apiVersion: 'v1',
    kind: 'Secret',
    stringData: { a: 'canary' },
  };
  const yaml = `metadata: {name: s}\nkind: Secret\nstringData: {a: canary}\n`;
  const list = (items: readonly object[]) => ({ kind: 'List', apiVersion: 'v1', items });
  const one = fixture('one-container').replace('apiVersion: apps/v1\nkind: Deployment\n', '');
  for (const text of [
    `${one}kind: Deployment\napiVersion: apps/v1\n---\n${yaml}`,
    `${yaml}---\n${one}kind: Deployment\napiVersion: apps/v1\n`,
    JSON.stringify(list([secret, ONE])),
    JSON.stringify(list([ONE, secret]), null, 1),
    dump(list([secret, ONE, secret])),
  ]) {
    const { text: injected, findings } = injectText('m.yaml', text, OPTIONS);
    assert.deepEqual(findings, []);
    assert.match(undoIn(injected), /web-lastgood/);
    assert.doesNotMatch(undoIn(injected), /anary|Secret/);
    assert.equal(uninjectText('m.yaml', injected).text, text);
  }
});

test('uninject refuses an annotation that another program has written', () => {
  const { text } = injectText('m.yaml', fixture('one-container'), OPTIONS);
  for (const payload of [
    '5',
    '{}',
    '[1]',
    '[]',
    '[{ "gap": 1 }]',
    '[{ "gap": -5, "before": "", "inserted": "", "removed": "x" }]',
    `"${'a'.repeat(2 ** 22)}"`,
  ]) {
    const undo = deflateRawSync(payload).toString('base64url');
    const { findings } = uninjectText('m.yaml', text.replace(/undo: .*/, `undo: v1.${undo}`));
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['LG_INJECT_UNDO'],
    );
  }
});

test('workloads that were changed one by one are taken out in any order', () => {
  const both = `${fixture('stateful-set')}---\n${fixture('one-container')}`;
  for (const text of [both, both.trimEnd()])
    for (const names of [
      ['web', 'queue', 'web'],
      ['queue', 'web', 'queue'],
    ]) {
      const run = (from: string, name: string) =>
        injectText('m.yaml', from, { ...OPTIONS, workload: [name] }).text;
      const all = names.reduce(run, text);
      assert.equal(uninjectText('m.yaml', all).text, text);
    }
});

test('--workload leaves the other workloads as they are, also those with lastgood', () => {
  const text = `${fixture('one-container')}---\n${fixture('stateful-set')}`;
  const run = (from: string, workload: readonly string[]) =>
    injectText('m.yaml', from, { ...OPTIONS, workload });
  const first = run(text, ['web']);
  const both = run(first.text, ['queue']);
  assert.equal(both.text, run(text, []).text);
  const again = run(both.text, ['web']);
  assert.deepEqual(again.findings, []);
  assert.equal(uninjectText('m.yaml', again.text).text, text);
});
