import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { injectText } from './inject-text.ts';
import { OPTIONS } from './plan.testing.ts';
import { uninjectText } from './uninject-text.ts';

const CONTAINERS = `containers:
  - name: web
    image: web:1
    volumeMounts:
      - {name: config, mountPath: /etc/web}`;
const VOLUMES = 'volumes:\n  - name: config\n    configMap: {name: web}';
const FLOW = '[{name: web, image: "web:1", volumeMounts: [{name: config, mountPath: /c}]}]';

/** A Deployment with these lines as the spec of its pods. */
function deployment(spec: string): string {
  const head = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n';
  return `${head}    spec:\n${spec.replaceAll(/^(?=.)/gm, '      ')}\n`;
}

const PLAIN = deployment(`${CONTAINERS}\n${VOLUMES}`);
const POD = `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: ${FLOW}, volumes: [{name: config, configMap: {name: x}}]}}`;

/** Manifests that a person may write. */
const TAKEN: Readonly<Record<string, string>> = {
  'a byte order mark': `\uFEFF${PLAIN}`,
  'a byte order mark and CRLF': `\uFEFF${PLAIN.replaceAll('\n', '\r\n')}`,
  'one line with CRLF': PLAIN.replace('\n', '\r\n'),
  'markers with comments': `# top\n--- # first\n${PLAIN}... # end\n--- # second\n# alone\n`,
  'a document on the line of its marker': `--- ${POD}\n`,
  'the marker of an end': `${PLAIN}...`,
  'a marker at the end': `${PLAIN}---`,
  'blank lines at the end': `${PLAIN}\n\n\n`,
  'blanks at the ends of lines': PLAIN.replaceAll('\n', '  \n'),
  'an empty key with a comment': deployment(`initContainers: # none\n${CONTAINERS}\n${VOLUMES}`),
  'an empty list': deployment(`initContainers: []\n${CONTAINERS}\n${VOLUMES}`),
  'dashes on their own lines': PLAIN.replaceAll('- name', '-\n          name'),
  'an anchor and a tag': PLAIN.replace('- name: config', '- name: &n !!str config'),
  'commas behind the last items': deployment(
    `containers: [\n  {name: web, image: "w:1", volumeMounts: [{name: config, mountPath: /c,},],},\n]\nvolumes: [{name: config, configMap: {name: web,},},]`,
  ),
  'comments in brackets': deployment(
    `containers: ${FLOW}\nvolumes: [ # one\n  # two\n  {name: config, configMap: {name: web}} ]`,
  ),
  'a bracket on its own line': deployment(
    `containers:\n  ${FLOW}\nvolumes:\n  [\n    {name: config, configMap: {name: web}}\n  ]`,
  ),
  'a list of Deployments': `apiVersion: apps/v1\nkind: DeploymentList\nitems:\n  - ${PLAIN.replaceAll('\n', '\n    ').trimEnd()}\n`,
  'mounts inside of mounts': deployment(
    `${CONTAINERS}\n      - {name: more, mountPath: /etc/web/conf.d}\n${VOLUMES}\n  - {name: more, configMap: {name: more}}`,
  ),
  'an escape in a name': PLAIN.replace('{name: web}', '{name: "w\\u0065b"}'),
  'two namespaces': ['a', 'b']
    .map((namespace) => PLAIN.replace('{name: web}', `{name: web, namespace: ${namespace}}`))
    .join('---\n'),
};

for (const [what, text] of Object.entries(TAKEN))
  test(`${what}: a second run changes nothing, edits stay, and uninject gives back the bytes`, () => {
    const { text: injected, findings, idle } = injectText('m.yaml', text, OPTIONS);
    assert.deepEqual([findings, idle], [[], []]);
    assert.equal(injectText('m.yaml', injected, OPTIONS).text, injected);
    const edited = injected.replaceAll('64Mi', '96Mi');
    assert.notEqual(edited, injected);
    assert.equal(injectText('m.yaml', edited, OPTIONS).text, edited);
    for (const each of [injected, edited]) assert.equal(uninjectText('m.yaml', each).text, text);
  });

/** Manifests that lastgood cannot be injected into, and why. */
const REFUSED: Readonly<Record<string, readonly [text: string, reason: RegExp]>> = {
  'no volume': [deployment(`${CONTAINERS}\nvolumes: []`), /LG_INJECT_NO_VOLUME/],
  'a name in a block': [
    PLAIN.replace('- name: config\n', '- name: >-\n            config\n'),
    /LG_INJECT_TEXT/,
  ],
  'keys with a question mark': [
    deployment(
      `? containers\n: - {name: web, volumeMounts: [{name: config, mountPath: /c}]}\n? volumes\n: - {name: config, configMap: {name: web}}`,
    ),
    /LG_INJECT_TEXT/,
  ],
  'a key twice': [
    deployment(`${CONTAINERS}\n${VOLUMES}\nvolumes: []`),
    /LG_VALIDATE_DUPLICATE_KEY/,
  ],
  'a template of Helm': [
    PLAIN.replace('web:1', '{{ .Values.image }}'),
    /template such as .* not rendered/,
  ],
  'an array of JSON': [`[${JSON.stringify({ kind: 'Pod' })}]`, /LG_INJECT_NOTHING/],
  nothing: ['', /LG_VALIDATE_EMPTY/],
};

for (const [what, [text, reason]] of Object.entries(REFUSED))
  test(`${what}: refused with a reason, and left as it is`, () => {
    const { text: after, findings, idle = [] } = injectText('m.yaml', text, OPTIONS);
    assert.match([...findings, ...idle].map(formatFinding).join(), reason);
    assert.equal(after, text);
  });
