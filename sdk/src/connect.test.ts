import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import type { Config } from './config.ts';
import { ConfigError, connect } from './index.ts';

const SCHEMA = z.object({ batch_size: z.number().max(64) });

async function makeDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lastgood-sdk-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'config.yaml'), 'batch_size: 8\n');
  return directory;
}

/** By rename, as most editors do: a busy machine may take its time between emptying a file and writing it. */
async function save(directory: string, text: string): Promise<void> {
  const path = `${directory}.new`;
  await writeFile(path, text);
  await rename(path, join(directory, 'config.yaml'));
}

/** For the test only. */
function setEnvironment(t: TestContext, name: string, value: string): void {
  process.env[name] = value;
  t.after(() => delete process.env[name]);
}

function whenState(config: Config<unknown>, status: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  config.onState((state) => void (state.status === status && resolve()));
  if (config.state.status === status) resolve();
  return promise;
}

test('an app follows a directory, and keeps the last good value', async (t) => {
  const directory = await makeDirectory(t);
  const config = await connect({ directory, file: 'config.yaml', schema: SCHEMA });
  t.after(() => config.close());
  const size: number = config.current.batch_size;
  assert.equal(size, 8);
  const changes = config.changes();

  await save(directory, 'batch_size: 16\n');
  const { value } = await changes.next();
  assert.deepEqual([value.next.batch_size, value.changed], [16, ['/batch_size']]);

  await save(directory, '# more\nbatch_size: 128\n');
  await whenState(config, 'degraded');
  assert.match(config.state.reason ?? '', /^config\.yaml:2:13: .*64.*\[LG_VALIDATE_SCHEMA\]$/);
  assert.deepEqual(config.current, { batch_size: 16 });

  await save(directory, 'batch_size: 16\n');
  await whenState(config, 'ok');
});

test('content that the schema refuses at the start rejects with line and column', async (t) => {
  const directory = await makeDirectory(t);
  const schema = z.object({ batch_size: z.string() });
  await assert.rejects(connect({ directory, file: 'config.yaml', schema }), (error) => {
    assert.ok(error instanceof ConfigError && error.code === 'LG_SDK_INVALID');
    assert.deepEqual(error.location, { file: 'config.yaml', line: 1, column: 13 });
    return true;
  });
});

test('a directory that does not exist is the reason of the timeout', async (t) => {
  const directory = join(await makeDirectory(t), 'missing');
  await assert.rejects(connect({ directory, timeoutMs: 50 }), (error: Error) => {
    assert.match(error.message, /^no good version within 50 ms: .*missing does not exist/);
    return true;
  });
});

test('the environment names the directory, unless an option or LASTGOOD_SOCKET does', async (t) => {
  const directory = await makeDirectory(t);
  setEnvironment(t, 'LASTGOOD_DIR', directory);
  const config = await connect({ file: 'config.yaml' });
  assert.deepEqual(config.current, { batch_size: 8 });
  await config.close();
  setEnvironment(t, 'LASTGOOD_SOCKET', '');
  await (await connect({ file: 'config.yaml' })).close();
  setEnvironment(t, 'LASTGOOD_SOCKET', '/run/other.sock');
  await assert.rejects(connect(), { message: /^the socket \/run\/other\.sock is not supported/ });
  await (await connect({ directory, file: 'config.yaml' })).close();
});

test('without a place, connect wants the socket of the sidecar, which is not there yet', async () => {
  await assert.rejects(connect(), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual(
      [error.code, error.message],
      ['LG_SDK_UNSUPPORTED', 'the socket /lastgood/run/sdk.sock is not supported by this version'],
    );
    return true;
  });
});
