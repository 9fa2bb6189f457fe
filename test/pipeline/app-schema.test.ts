import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect } from '@lastgood/sdk';
import { z } from 'zod';
import { DEADLINE_MS } from '../deadline.ts';
import { Pod } from './pod.ts';

const schema = z.object({
  size: z.coerce.number().max(64),
  name: z.string().trim().max(5),
  mode: z.enum(['slow', 'fast']).default('slow'),
});

const BY_THE_APP = /, by the schema of the app "[^"]+ \d+"$/;

/** A sidecar, and an app whose schema it has. */
async function start(context: TestContext) {
  const bundle = { targets: [{ subscribers: {} }] };
  const pod = await Pod.create(context, { confirm: false, bundle });
  const runDir = join(pod.dir, 'run');
  await pod.configured({ runDir });
  await pod.startOn({ 'config.yaml': 'size: 16\nname: bert\n' });
  const socket = join(runDir, 'sdk.sock');
  const app = await connect({ socket, file: 'config.yaml', schema, timeoutMs: DEADLINE_MS });
  context.after(() => app.close());
  let prepared = 0;
  app.prepare(() => {
    prepared += 1;
  });
  /** The end of a version: its outcome, where and why, and how often the app prepared it. */
  const roll = async (content: string) => {
    const since = pod.lines.length;
    prepared = 0;
    await pod.write({ 'config.yaml': content });
    const { outcome } = await pod.line(({ outcome }) => outcome !== undefined, 'an outcome', since);
    const finding = (await pod.status()).rejected?.findings[0];
    return { outcome, prepared, ...finding?.location, message: finding?.message };
  };
  // Until the sidecar has compiled the schema, only the app refuses.
  for (let size = 65; !BY_THE_APP.test((await roll(`size: ${size}\nname: a\n`)).message ?? ''); )
    size += 1;
  return { roll };
}

test('the schema of an app refuses a version before the app prepares it', async (context) => {
  const { roll } = await start(context);
  const large = await roll('name: bert\nsize: 128\n');
  assert.partialDeepStrictEqual(large, { outcome: 'rejected', prepared: 0, line: 2, column: 7 });
  assert.match(large.message ?? '', /^\/size must be <= 64 \(is 128\), by the schema of the app/);
  const unknown = await roll('name: bert\nsize: 1\nmode:\n  turbo\n');
  assert.partialDeepStrictEqual(unknown, { outcome: 'rejected', prepared: 0, line: 4, column: 3 });
  assert.match(unknown.message ?? '', BY_THE_APP);
});

test('P11 what the schema of an app converts, trims and completes is accepted', async (context) => {
  const { roll } = await start(context);
  for (const content of ['size: "32"\nname: bert\n', 'size: 32\nname: "   bert   "\nmode: fast\n'])
    assert.partialDeepStrictEqual(await roll(content), { outcome: 'committed', prepared: 1 });
  // Only the app knows this one.
  assert.partialDeepStrictEqual(await roll('size: 1\nname: bertram\n'), { outcome: 'rejected' });
});
