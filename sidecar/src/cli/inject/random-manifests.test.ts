import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { dump } from 'js-yaml';
import { fc } from '../../../../test/property.ts';
import { findingsInText } from '../doctor/doctor.testing.ts';
import { injectText } from './inject-text.ts';
import { MODES } from './modes.ts';
import type { InjectOptions } from './options.ts';
import { FIXTURES, fixture, OPTIONS } from './plan.testing.ts';
import { uninjectText } from './uninject-text.ts';

/** A key that is missing, empty or there. */
function maybe<Value>(key: string, value: fc.Arbitrary<Value>, ...empty: readonly unknown[]) {
  const values = [value.map((each) => ({ [key]: each })), fc.constant({})];
  return fc.oneof(...values, ...empty.map((each) => fc.constant({ [key]: each })));
}

function merged(...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<object> {
  return fc.tuple(...parts).map((all) => Object.assign({}, ...all));
}

/** Words that need quotes in YAML, and some that need none. */
const word = fc.constantFrom('a', 'no', '1', 'x: y', '# c', "it's", '{}', 'é', 'l1\nl2\n', '');

const labels = fc.dictionary(fc.constantFrom('a', 'b', 'example.com/c'), word);

const metadata = merged(maybe('labels', labels, {}, null), maybe('annotations', labels, {}, null));

const container = merged(
  fc.constant({ name: 'app', image: 'app:1' }),
  fc.constant({ volumeMounts: [{ name: 'config', mountPath: '/config' }] }),
  maybe('env', fc.array(word.map((value) => ({ name: 'A', value }))), []),
  maybe('args', fc.array(word)),
);

const init = fc.constant([{ name: 'init', image: 'init:1' }]);

const spec = merged(
  maybe('initContainers', init, [], null),
  maybe('securityContext', fc.constant({ fsGroup: 1 }), {}),
  fc.tuple(container, fc.boolean()).map(([app, twice]) => ({
    containers: twice ? [app, { name: 'other', image: 'other:1' }] : [app],
  })),
  fc.boolean().map((isLast) => {
    const config = { name: 'config', configMap: { name: 'web' } };
    const other = { name: 'tmp', emptyDir: {} };
    return { volumes: isLast ? [other, config] : [config, other] };
  }),
);

const workload = fc
  .tuple(metadata, maybe('metadata', metadata, {}, null), spec)
  .map(([own, ofPods, pod]) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', ...own },
    spec: { template: { ...ofPods, spec: pod } },
  }));

/** The same object in YAML of many styles, from blocks to brackets alone, or in JSON. */
const text = fc
  .tuple(
    workload,
    fc.record({
      indent: fc.integer({ min: 2, max: 8 }),
      flowLevel: fc.integer({ min: -1, max: 9 }),
      seqNoIndent: fc.boolean(),
      forceQuotes: fc.boolean(),
      sortKeys: fc.boolean(),
    }),
    fc.constantFrom('yaml', 'json', 'list'),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
  )
  .map(([object, style, format, lineBreak, isTrimmed]) => {
    const list = { apiVersion: 'v1', kind: 'List', items: [object] };
    const value = format === 'list' ? list : object;
    const written =
      format === 'json'
        ? JSON.stringify(value, null, style.flowLevel)
        : dump(value, { ...style, noRefs: true });
    const broken = written.replaceAll('\n', lineBreak);
    return isTrimmed ? broken.trimEnd() : broken;
  });

function optionsFor(mode: InjectOptions['mode']): InjectOptions {
  return {
    ...OPTIONS,
    mode,
    webhook: mode === 'drop-in' ? 'http://localhost:9533/' : undefined,
    signal: mode === 'signal' ? 'app' : undefined,
  };
}

test('whatever the style of a manifest: a second run changes nothing, and uninject gives back the bytes', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(...MODES), (original, mode) => {
      const options = optionsFor(mode);
      const injected = injectText('m.yaml', original, options);
      assert.deepEqual(injected.findings, []);
      assert.notEqual(injected.text, original);
      assert.equal(injectText('m.yaml', injected.text, options).text, injected.text);
      assert.equal(uninjectText('m.yaml', injected.text).text, original);
    }),
    { numRuns: 200 },
  );
});

/** Raises the limit of memory, and makes the volumes larger. */
function editSizes(injected: string): string {
  return injected.replaceAll('64Mi', '96Mi').replaceAll('16Mi', '32Mi');
}

test('whatever the style of a manifest: edits stay, and uninject gives back the bytes', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(...MODES), (original, mode) => {
      const options = optionsFor(mode);
      const edited = editSizes(injectText('m.yaml', original, options).text);
      assert.equal(injectText('m.yaml', edited, options).text, edited);
      assert.equal(uninjectText('m.yaml', edited).text, original);
      const newer = { ...options, image: 'lastgood:1.3.0', version: '1.3.0' };
      const upgraded = injectText('m.yaml', edited, newer).text;
      const fresh = injectText('m.yaml', original, newer).text;
      const withoutUndo = (each: string) => each.replace(/v1\.[\w-]+/, '');
      assert.equal(withoutUndo(upgraded), withoutUndo(editSizes(fresh)));
      assert.equal(uninjectText('m.yaml', upgraded).text, original);
    }),
    { numRuns: 200 },
  );
});

/** What doctor finds in a text with lastgood, and neither in the one without it nor inject in its notes. */
async function newFindings(original: string, mode: InjectOptions['mode']): Promise<string[]> {
  const { text: injected, findings, notes } = injectText('m.yaml', original, optionsFor(mode));
  if (findings.length > 0) return [];
  const before: string[] = (await findingsInText(original)).map(({ code }) => code);
  if (notes.some((note) => /makes new pods|notifies the app too/.test(note)))
    before.push('LG_DOCTOR_TWO_MECHANISMS');
  const after = await findingsInText(injected);
  return after.filter(({ code }) => !before.includes(code)).map(formatFinding);
}

test('doctor finds nothing new in what inject has written', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom(...MODES), async (original, mode) => {
      assert.deepEqual(await newFindings(original, mode), []);
    }),
    { numRuns: 100 },
  );
});

for (const name of FIXTURES)
  test(`doctor finds nothing new in ${name} with lastgood`, async () => {
    for (const mode of MODES) assert.deepEqual(await newFindings(fixture(name), mode), [], mode);
  });
