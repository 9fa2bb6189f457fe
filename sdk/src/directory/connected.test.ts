import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { z } from 'zod';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { AtomicWriter } from '../../../test/kubelet/atomic-writer.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { findTimeoutError } from '../app.testing.ts';
import { connectTo } from '../client/connect-to.ts';
import type { Config } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { readValue } from '../values/read-value.ts';
import { secret } from '../values/schema.ts';
import { createDirectoryProvider } from './directory-provider.ts';

/** The client on a directory, as an app has it without a sidecar. */
const MODEL = z.object({ model: z.string(), batch_size: z.number().max(64) });
const CREDENTIALS = secret(z.object({ username: z.string(), password: z.string() }));

function volume(t: TestContext) {
  const directory = temporaryDirectory(t);
  const writer = new AtomicWriter(directory);
  const write = (model: string, batchSize: number, password: string) =>
    writer.write({
      'config.yaml': { bytes: `model: ${model}\nbatch_size: ${batchSize}\n` },
      'db/username': { bytes: 'svc' },
      'db/password': { bytes: password },
      'unrelated.json': { bytes: '{ broken' },
    });
  return { directory, write };
}

function connect(t: TestContext, directory: string, timeoutMs = DEADLINE_MS) {
  const provider = createDirectoryProvider({ directory, secret: ['db'] });
  t.after(() => provider.close());
  return connectTo(provider, { file: 'config.yaml', schema: MODEL, timeoutMs }, readValue);
}

async function untilState(config: Config<unknown>, status: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  AbortSignal.timeout(DEADLINE_MS).onabort = () => reject(new Error(inspect(config.state)));
  const end = config.onState((state) => state.status === status && resolve());
  if (config.state.status !== status) await promise;
  end();
}

test('views of a volume change together, a bad version is refused with its position, and a fix goes forward', async (t) => {
  const { directory, write } = volume(t);
  await write('bert', 32, 'hunter2');
  const config = await connect(t, directory);
  const db = await config.view({ keys: 'db', schema: CREDENTIALS });
  assert.deepEqual(config.current, { model: 'bert', batch_size: 32 });
  assert.equal(db.current.password.reveal(), 'hunter2');
  assert.doesNotMatch(inspect(db.current), /hunter2/);

  const changed = Promise.withResolvers<readonly unknown[]>();
  db.onChange((next, previous, change) => {
    changed.resolve([next.password.reveal(), previous.password.reveal(), change.changed]);
  });
  await write('bert', 32, 'hunter3');
  assert.deepEqual(await changed.promise, ['hunter3', 'hunter2', ['/password']]);

  await write('bert', 128, 'hunter4');
  await untilState(config, 'degraded');
  assert.match(
    config.state.reason ?? '',
    /^config\.yaml:2:13: \/batch_size too big: .* \(is 128\) \[LG_VALIDATE_SCHEMA\]$/,
  );
  assert.deepEqual([config.current.batch_size, db.current.password.reveal()], [32, 'hunter3']);

  await write('bert', 64, 'hunter4');
  await untilState(config, 'ok');
  assert.deepEqual([config.current.batch_size, db.current.password.reveal()], [64, 'hunter4']);
  await config.close();
});

test('connect rejects at once if the first version is bad, with file, line and column', async (t) => {
  const { directory, write } = volume(t);
  await write('bert', 128, 'x');
  const error = await connect(t, directory).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ConfigError);
  assert.deepEqual(error.findings[0]?.location, { file: 'config.yaml', line: 2, column: 13 });
});

test('connect waits for a directory, and says after its time-out what was missing', async (t) => {
  const directory = join(temporaryDirectory(t), 'later');
  const error = await findTimeoutError((timeoutMs) => connect(t, directory, timeoutMs));
  assert.ok(error instanceof ConfigError);
  assert.equal(error.code, 'LG_SDK_TIMEOUT');
  assert.match(error.message, /later does not exist/);
  const connected = connect(t, directory);
  mkdirSync(directory);
  writeFileSync(join(directory, 'config.yaml'), 'model: a\nbatch_size: 1\n');
  assert.equal((await connected).current.model, 'a');
});

test('reload resolves with the state after the newest version, also when the app refuses it', async (t) => {
  const { directory, write } = volume(t);
  await write('bert', 32, 'x');
  const config = await connect(t, directory);
  await write('gpt', 32, 'x');
  assert.equal((await config.reload()).status, 'ok');
  assert.equal(config.current.model, 'gpt');
  await write('gpt', 128, 'x');
  const { status, rejected } = await config.reload();
  assert.equal(status, 'degraded');
  assert.match(rejected?.reasons.join() ?? '', /^config\.yaml:2:13: /);
});

test('P8 what a function of the app throws shows no secret in the state or a warning', async (t) => {
  const warnings = t.mock.method(process, 'emitWarning', () => {});
  const { directory, write } = volume(t);
  await write('bert', 32, 'hunter2');
  const config = await connect(t, directory);
  const db = await config.view({ keys: 'db', schema: CREDENTIALS });
  const check = (password: string) => {
    throw new Error(`cannot parse https://svc:${password}@db`);
  };
  db.onChange((next) => check(next.password.reveal()));
  await write('bert', 32, 'hunter3');
  await config.reload();
  assert.deepEqual(
    warnings.mock.calls.map((call) => call.arguments.at(0)),
    ['onChange failed: cannot parse https://svc:[secret]@db'],
  );

  const end = db.prepare((next) => check(next.password.reveal()));
  await write('bert', 32, 'hunter4');
  const { reason, rejected } = await config.reload();
  assert.equal(reason, 'cannot parse https://svc:[secret]@db');
  assert.deepEqual(rejected?.reasons, [reason]);
  end();

  db.needsRestart((value) => [check(`${value.password.reveal()}-old`)]);
  await write('bert', 32, 'hunter5');
  assert.equal((await config.reload()).reason, 'cannot parse https://svc:[secret]-old@db');
});
