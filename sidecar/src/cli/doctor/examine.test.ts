import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import type { CommandResult } from '../command.ts';
import { examine } from './examine.ts';

const REQUEST = {
  minor: undefined,
  baseline: undefined,
  'failure-threshold': 'error',
  output: 'human',
} as const;

type Changes = Partial<Omit<Parameters<typeof examine>[0], 'inputs'>>;

function doctor(inputs: readonly string[], changes: Changes = {}, stdin = '') {
  return examine(
    { ...REQUEST, ...changes, inputs },
    {
      clock: systemClock,
      standardInput: async () => Buffer.from(stdin),
      style: (_, text) => text,
      version: '0.0.0',
    },
  );
}

const WARNED = 'apiVersion: v1\nkind: Pod\nspec: { containers: [{ name: a, image: a }] }\n';
const FAILED = WARNED.replace('[', '[{ name: b }, ').replace(
  '] }',
  '], volumes: [{ name: c, secret: { secretName: c, defaultMode: 644 } }] }',
);

function directoryWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory(t);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

test('--failure-threshold decides which findings make the exit code 1', async () => {
  const ends = async (text: string) =>
    Promise.all(
      (['error', 'warning', 'none'] as const).map(
        async (threshold) => (await doctor(['-'], { 'failure-threshold': threshold }, text)).end,
      ),
    );
  assert.deepEqual(await ends(WARNED), ['good', 'bad', 'good']);
  assert.deepEqual(await ends(FAILED), ['bad', 'bad', 'good']);
});

test('without a Kubernetes object, or with one that cannot be read, the command is unusable', async (t) => {
  const says = ({ end, findings }: CommandResult) => [end, ...findings.map(({ code }) => code)];
  assert.deepEqual(says(await doctor(['-'], {}, 'a: 1\n')), ['unusable', 'LG_USAGE']);
  assert.deepEqual(says(await doctor(['-'], {}, 'a: [\n')), ['unusable', 'LG_VALIDATE_SYNTAX']);
  const missing = join(temporaryDirectory(t), 'missing.yaml');
  assert.deepEqual(says(await doctor([missing])), ['unusable', 'LG_INPUT_UNREADABLE']);
});

test('a file that is named is a manifest, whatever its extension is', async (t) => {
  const directory = directoryWith(t, {
    'pod.kyaml': WARNED,
    pod: JSON.stringify({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ image: 'a' }] } }),
    Kustomization: 'resources: [pod.yaml]\n',
  });
  for (const name of ['pod.kyaml', 'pod'])
    assert.match((await doctor([join(directory, name)])).output, /LG_DOCTOR_LATEST/, name);
  for (const name of ['Kustomization', ''])
    assert.equal((await doctor([join(directory, name)])).output, '1 object, no findings\n', name);
});

test('a directory may have templates: a note says that they were not checked', async (t) => {
  const directory = directoryWith(t, {
    'pod.yaml': WARNED,
    'chart/pod.yaml': '{{ if .Values.a }}\napiVersion: v1\n',
    'values.yaml': 'a: [\n',
    'notes.txt': 'not a manifest',
  });
  const { end, output, notes } = await doctor([directory]);
  assert.equal(end, 'good');
  assert.match(output, /pod\.yaml:3:.*LG_DOCTOR_LATEST/);
  assert.match(notes?.join() ?? '', /not checked; render templates first: .*chart\/pod\.yaml$/);
});

test('a directory may have thousands of other files, and links in circles', async (t) => {
  const others = Array.from({ length: 4200 }, (_, index) => [`${index % 9}/${index}.txt`, '']);
  const directory = directoryWith(t, { 'pod.yaml': WARNED, ...Object.fromEntries(others) });
  symlinkSync('..', join(directory, '1/up'));
  symlinkSync('pod.yaml', join(directory, 'again.yaml'));
  const { output } = await doctor([directory]);
  assert.match(output, /^1 warning in 1 of 1 object$/m);
});

test('a rule sees the objects of every input', async (t) => {
  const directory = directoryWith(t, {
    'config.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { k: v }\nimmutable: true\n',
    'pod.yaml': WARNED.replace('image: a', 'image: a:1, envFrom: [{ configMapRef: { name: a } }]'),
  });
  const pod = join(directory, 'pod.yaml');
  assert.match((await doctor([pod])).output, /LG_DOCTOR_ENV/);
  assert.doesNotMatch((await doctor([pod, directory])).output, /LG_DOCTOR_ENV/);
});

test('a baseline leaves known findings out, also when their lines have moved', async (t) => {
  const directory = directoryWith(t, { 'pod.yaml': WARNED });
  const pod = join(directory, 'pod.yaml');
  const baseline = join(directory, 'baseline.json');
  writeFileSync(baseline, (await doctor([pod], { output: 'json' })).output);
  writeFileSync(pod, `# moved\n\n${WARNED}`);
  const again = await doctor([pod], { baseline });
  assert.equal(again.output, '1 object, no findings\n');
  writeFileSync(pod, WARNED.replace('] }', ', { name: b, image: b }] }'));
  const more = await doctor([pod], { baseline });
  assert.match(more.output, /"b"/);
  assert.doesNotMatch(more.output, /"a"/);
  writeFileSync(pod, WARNED.replace('image: a', 'image: a:1'));
  const solved = await doctor([pod], { baseline });
  assert.match(solved.notes?.join() ?? '', /1 finding of the baseline/);
  const wrong = await doctor([pod], { baseline: pod });
  assert.equal(wrong.end, 'unusable');
});

test('P8: no output shows a secret, nor does the excerpt of a line beside it', async () => {
  const bad = readFileSync(join(import.meta.dirname, 'fixtures/secret.bad.yaml'), 'utf8');
  const env = 'env: [{ name: API_TOKEN, value: canary }]';
  const beside = WARNED.replace('{ name: a, ', `{ ${env},\n    name: a,\n    `);
  for (const text of [bad, beside])
    for (const output of ['human', 'json', 'github', 'sarif', 'junit'] as const) {
      const result = await doctor(['-'], { output }, text);
      assert.match(result.output, /LG_DOCTOR_SECRET/, output);
      assert.doesNotMatch(JSON.stringify(result), /canary/, output);
    }
  assert.match((await doctor(['-'], {}, beside)).output, /LG_DOCTOR_LATEST/);
});

test('every output names the code and the line', async () => {
  for (const output of ['json', 'github', 'sarif'] as const) {
    const { output: text } = await doctor(['-'], { output }, WARNED);
    assert.match(text, /LG_DOCTOR_LATEST/, output);
    assert.match(text, /"line": 3|line=3|"startLine": 3/, output);
  }
});

test('a report for a person with findings ends with how to learn more', async (t) => {
  const directory = directoryWith(t, {
    'pod.yaml': WARNED,
    'good.yaml': 'apiVersion: v1\nkind: Service\n',
  });
  const { output } = await doctor([join(directory, 'pod.yaml')]);
  assert.match(output, /\n1 warning in 1 of 1 object\nlastgood doctor --explain CODE says .*\n$/);
  assert.equal((await doctor([join(directory, 'good.yaml')])).output, '1 object, no findings\n');
});

test('a kustomization.yaml needs no kind', async (t) => {
  const directory = directoryWith(t, {
    'pod.yaml': WARNED,
    'kustomization.yaml': 'resources: [pod.yaml]\nimages: [{ name: a, newTag: "1" }]\n',
  });
  assert.equal((await doctor([directory])).output, '2 objects, no findings\n');
});

test('a key that a generator of Kustomize may add is not missing', async () => {
  const pod = `apiVersion: v1
kind: Pod
spec:
  containers: [{ name: a, image: "a:1" }]
  volumes: [{ name: c, configMap: { name: c, items: [{ key: k, path: k }] } }]
---
apiVersion: v1
kind: ConfigMap
metadata: { name: c }
data: { other: v }
`;
  const generator = `---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
configMapGenerator: [{ name: c, behavior: merge, literals: [k=v] }]
`;
  assert.match((await doctor(['-'], {}, pod)).output, /LG_MANIFEST_KEY/);
  assert.doesNotMatch((await doctor(['-'], {}, pod + generator)).output, /LG_MANIFEST_KEY/);
});
