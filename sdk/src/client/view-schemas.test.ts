import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import * as v from 'valibot';
import { z } from 'zod';
import type { ViewSchema } from '../provider.ts';
import { secret } from '../values/schema.ts';
import { connectTo } from './connect-to.ts';
import { json, MemoryProvider, readJson } from './memory-provider.testing.ts';

/** A provider with another side, which takes schemas. */
class Remote extends MemoryProvider {
  readonly taken: (readonly ViewSchema[])[] = [];
  report: (problem: string) => void = () => {};

  setSchemas(schemas: readonly ViewSchema[], report: (problem: string) => void): void {
    this.taken.push(schemas);
    this.report = report;
  }
}

const schemaOf = (type: string) => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: { n: { type } },
  required: ['n'],
});

test('the provider has the schema of each view: of the first one before it starts', async () => {
  const provider = new Remote(json(1));
  const schema = z.object({ n: z.number() });
  const started = connectTo(provider, { file: 'a.json', schema }, readJson);
  const first = { file: 'a.json', keys: undefined, format: undefined, schema: schemaOf('number') };
  assert.deepEqual(provider.taken, [[first]]);
  const config = await started;
  const other = { file: 'b.json', format: 'json', schema: z.object({ n: z.int() }) } as const;
  await config.view(other);
  await config.view(other);
  await config.view({ file: 'b.json' });
  assert.equal(provider.taken.length, 2);
  assert.deepEqual(provider.taken[1]?.[0], first);
  assert.partialDeepStrictEqual(provider.taken[1]?.[1], { file: 'b.json', format: 'json' });
  await config.close();
});

test('a schema for secret files is that of the plain values', async () => {
  const provider = new Remote(json(1));
  const schema = secret(z.object({ n: z.number() }));
  const config = await connectTo(provider, { file: 'a.json', schema }, readJson);
  assert.deepEqual(provider.taken[0]?.[0]?.schema, schemaOf('number'));
  await config.close();
});

test('a schema that cannot be converted is reported once, and the view has it all the same', async () => {
  const provider = new Remote(json(1));
  const schema = v.object({ n: v.number() });
  const warned = once(process, 'warning');
  const config = await connectTo(provider, { file: 'a.json', schema }, readJson);
  const [warning] = await warned;
  assert.match(String(warning), /schema of a\.json to JSON Schema failed: .*toStandardJsonSchema/);
  assert.deepEqual(provider.taken, []);
  assert.equal((await provider.push(json('one'))).verdict, 'reject');
  await config.close();
});

test('schemas that are too large for the sidecar stay in the app', async () => {
  const provider = new Remote(json(1));
  const small = z.object({ n: z.number() });
  const large = small.describe('x'.repeat(256 * 1024));
  const config = await connectTo(provider, { file: 'a.json', schema: small }, readJson);
  const warned = once(process, 'warning');
  await config.view({ file: 'b.json', schema: large });
  assert.match(String((await warned)[0]), /schema of b\.json .* more than 262144 bytes/);
  assert.equal(provider.taken.length, 1);
  await config.close();
});

test('what the other side cannot use is reported once', async (t) => {
  const provider = new Remote(json(1));
  const schema = z.object({ n: z.number() });
  const config = await connectTo(provider, { file: 'a.json', schema }, readJson);
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(warning.message);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  for (const problem of ['a: wrong', 'b: wrong', 'a: wrong']) provider.report(problem);
  // A warning is emitted in the next tick.
  await new Promise(setImmediate);
  assert.deepEqual(warnings, [
    'sending the schemas to the sidecar failed: a: wrong',
    'sending the schemas to the sidecar failed: b: wrong',
  ]);
  await config.close();
});
