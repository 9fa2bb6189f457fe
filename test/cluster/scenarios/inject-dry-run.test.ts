import assert from 'node:assert/strict';
import { test } from 'node:test';
import { injectText } from '../../../sidecar/src/cli/inject/inject-text.ts';
import { MODES } from '../../../sidecar/src/cli/inject/modes.ts';
import {
  edited,
  FIXTURES,
  fixture,
  OPTIONS,
} from '../../../sidecar/src/cli/inject/plan.testing.ts';
import { kubectl } from '../kubectl.ts';

const LONG = 'x'.repeat(63);

/** Manifests at the bounds of what inject takes. */
const BOUNDS: Readonly<Record<string, string>> = {
  'long-names': edited('one-container', (spec, object) => {
    object.metadata.name = 'w'.repeat(200);
    spec.volumes[0].name = LONG;
    spec.containers[0].volumeMounts[0].name = LONG;
  }),
  'limits-of-the-pod': edited('one-container', (spec) => {
    spec.resources = { limits: { cpu: '100m', memory: '64Mi' } };
  }),
  'requests-of-the-pod': edited('one-container', (spec) => {
    const resources = { requests: { cpu: '10m', memory: '68Mi' } };
    spec.resources = { requests: { cpu: '60m', memory: '100Mi' } };
    spec.initContainers = [{ name: 'init', image: 'init:1.0.0', resources }];
    spec.containers[0].resources = resources;
  }),
};

const MANIFESTS = {
  ...Object.fromEntries(FIXTURES.map((name) => [name, fixture(name)])),
  ...BOUNDS,
};

for (const [name, text] of Object.entries(MANIFESTS))
  test(`the API server says nothing new about ${name} with lastgood`, () => {
    // A dry run needs the namespace too.
    const original = text.replaceAll(/^[ -]*"?namespace"?:.*\n/gm, '');
    const before = errorsOf(original);
    const injected = MODES.flatMap((mode) => inject(original, mode));
    assert.notEqual(injected.length, 0);
    for (const each of injected) assert.equal(errorsOf(each), before);
  });

/** The text with lastgood; nothing if inject refuses the mode. */
function inject(text: string, mode: (typeof MODES)[number]): readonly string[] {
  const webhook = mode === 'drop-in' ? 'http://localhost:8080/' : undefined;
  const signal = mode === 'signal' ? 'app' : undefined;
  const { text: injected, findings } = injectText('m.yaml', text, {
    ...OPTIONS,
    mode,
    webhook,
    signal,
  });
  return findings.length > 0 ? [] : [injected];
}

/** What the API server, or kubectl, says against a text. */
function errorsOf(text: string): string {
  const { KUBECONFIG = '' } = process.env;
  const args = ['create', '-n', 'default', '--dry-run=server', '-o', 'name', '-f', '-'];
  const { status, stderr } = kubectl(KUBECONFIG, args, text);
  return status === 0 ? '' : stderr;
}
