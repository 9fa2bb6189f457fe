import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { injectText } from './inject-text.ts';
import { MODES } from './modes.ts';
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

test('whatever the style of a manifest: a second run changes nothing, and uninject gives back the bytes', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(...MODES), (original, mode) => {
      const options = {
        mode,
        image: 'lastgood:1.2.3',
        volume: [],
        workload: [],
        webhook: mode === 'drop-in' ? 'http://localhost/' : undefined,
        signal: mode === 'signal' ? 'app' : undefined,
        version: '1.2.3',
      };
      const injected = injectText('m.yaml', original, options);
      assert.deepEqual(injected.findings, []);
      assert.notEqual(injected.text, original);
      assert.equal(injectText('m.yaml', injected.text, options).text, injected.text);
      assert.equal(uninjectText('m.yaml', injected.text).text, original);
    }),
    { numRuns: 200 },
  );
});
