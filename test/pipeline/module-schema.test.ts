import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { AtomicWriter } from '../kubelet/atomic-writer.ts';
import { generation } from './configs.ts';
import { Pod } from './pod.ts';

/** As a bundler would leave it, except for the one import. */
const SCHEMA = `import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
import { LABELS } from './labels.mts';
const never = async () => { throw new Error('dropped'); };
export default z.object({
  generation: z.union([z.literal(99).refine(never), z.number()]),
  model: z.strictObject({ name: z.string(), num_labels: z.int().max(LABELS) }),
});
`;

/** A pod whose schema is in a separate volume, as that of a ConfigMap. */
async function podWith(context: TestContext, schema: string): Promise<Pod> {
  const pod = await Pod.create(context);
  const schemas = join(pod.dir, 'schemas');
  const write = (files: Record<string, string>) =>
    new AtomicWriter(schemas).write(
      Object.fromEntries(
        Object.entries(files).map(([path, text]) => [path, { bytes: text, mode: 0o644 }]),
      ),
    );
  await write({ 'model.schema.mjs': schema, 'labels.mts': 'export const LABELS: number = 3;\n' });
  pod.bundle.validate = [{ files: 'config.yaml', schema: join(schemas, 'model.schema.mjs') }];
  await pod.configured();
  await pod.write(generation(1));
  return pod;
}

test('a schema from a module in a volume rejects at the line of the value, and lets a good change through', async (context) => {
  const pod = await podWith(context, SCHEMA);
  pod.start();
  await pod.outcome('committed');
  const { 'config.yaml': config = '', ...others } = generation(2);
  await pod.write({ ...others, 'config.yaml': config.replace('num_labels: 3', 'num_labels: 4') });
  const { findings } = await pod.outcome('rejected');
  assert.deepEqual(findings, [
    'config.yaml:4:15: /model/num_labels too big: expected number to be <=3 (is 4) [LG_VALIDATE_SCHEMA]',
  ]);
  const since = pod.lines.length;
  await pod.write(generation(3));
  await pod.outcome('committed', since);
  assert.deepEqual(await pod.published(), generation(3));
});

test('lastgood reports an asynchronous check of a schema, and its promise does not end the sidecar', async (context) => {
  const pod = await podWith(context, SCHEMA);
  pod.start();
  await pod.outcome('committed');
  await pod.write(generation(99));
  const { findings } = await pod.outcome('rejected');
  assert.match(String(findings), /^config\.yaml:1:1: the schema returns a promise: /);
  const since = pod.lines.length;
  await pod.write(generation(2));
  await pod.outcome('committed', since);
  assert.equal(pod.stderr, '');
});

test('a module that cannot be used ends the sidecar with the place that is wrong', async (context) => {
  const pod = await podWith(context, 'import { z } from "zod";\nexport default z.any();\n');
  pod.start();
  assert.equal(await pod.exit(), 2);
  assert.match(
    pod.stderr + JSON.stringify(pod.lines),
    /lastgood\.yaml:\d+:\d+: .* it cannot find package \\?"zod\\?" from \S+\/schemas\/\.\.20\S+; bundle it/,
  );
});
