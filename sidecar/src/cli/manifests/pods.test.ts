import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConfigObject } from './config-object.ts';
import { configsOf, type Pod } from './pods.ts';

/** How often the kind of an object is read while each of them is searched. */
function readsFor(count: number): number {
  let reads = 0;
  const configs = Array.from({ length: count }, (_, index) => ({
    object: {
      name: `config-${index}`,
      namespace: undefined,
      get kind() {
        reads += 1;
        return 'ConfigMap';
      },
    },
  })) as unknown as readonly ConfigObject[];
  const pod = { object: { namespace: 'shop' } } as Pod;
  for (const config of configs) {
    const { name } = config.object;
    assert.deepEqual(configsOf(pod, { kind: 'ConfigMap', name }, configs), [config]);
    assert.deepEqual(configsOf(pod, { kind: 'Secret', name }, configs), []);
  }
  return reads;
}

test('the objects of many pods are found without reading all objects for each', () => {
  assert.equal(readsFor(200), 2 * readsFor(100));
});
