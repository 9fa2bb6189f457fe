import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { z } from 'zod';
import { DEADLINE_MS } from '../../test/deadline.ts';
import { findTimeoutError } from './app.testing.ts';
import type { Config } from './config.ts';
import { ConfigError, connect, secret } from './index.ts';
import { holdTimers } from './socket/connected.testing.ts';
import { StandIn } from './socket/stand-in.testing.ts';

const SCHEMA = z.object({ batch_size: z.number().max(64) });

/** A busy machine may need more than the 10 s that are the default. */
const timeoutMs = DEADLINE_MS;

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
  const config = await connect({ directory, file: 'config.yaml', schema: SCHEMA, timeoutMs });
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
  await assert.rejects(connect({ directory, file: 'config.yaml', schema, timeoutMs }), (error) => {
    assert.ok(error instanceof ConfigError && error.code === 'LG_SDK_INVALID');
    assert.deepEqual(error.location, { file: 'config.yaml', line: 1, column: 13 });
    return true;
  });
});

test('a file that does not exist is named, with those that do', async (t) => {
  const directory = await makeDirectory(t);
  await assert.rejects(connect({ directory, file: 'confg.yaml', timeoutMs }), {
    code: 'LG_SDK_INVALID',
    message: /\n {2}confg\.yaml: is not in the .*\n {4}hint: .*the bundle has config\.yaml$/,
  });
});

test('a directory that does not exist is the reason of the timeout', async (t) => {
  const directory = join(await makeDirectory(t), 'missing');
  const { message } = await findTimeoutError((ms) => connect({ directory, timeoutMs: ms }));
  assert.match(message, /^no good version within \d+ ms: .*missing does not exist/);
});

test('the environment names the directory, unless an option or LASTGOOD_SOCKET does', async (t) => {
  const directory = await makeDirectory(t);
  setEnvironment(t, 'LASTGOOD_DIR', directory);
  const config = await connect({ file: 'config.yaml', timeoutMs });
  assert.deepEqual(config.current, { batch_size: 8 });
  await config.close();
  setEnvironment(t, 'LASTGOOD_SOCKET', '');
  await (await connect({ file: 'config.yaml', timeoutMs })).close();
  setEnvironment(t, 'LASTGOOD_SOCKET', '/run/other.sock');
  const missing =
    /^no good version within \d+ ms: \/run\/other\.sock does not exist: check that the sidecar runs.*; without a sidecar, set the option `directory`/;
  const error = await findTimeoutError((ms) => connect({ timeoutMs: ms }));
  assert.match(error.message, missing);
  assert.ok(error instanceof ConfigError && error.code === 'LG_SDK_TIMEOUT');
  await (await connect({ directory, file: 'config.yaml', timeoutMs })).close();
});

test('without a place, connect wants the socket of the sidecar', async () => {
  const { message } = await findTimeoutError((ms) => connect({ timeoutMs: ms }));
  assert.match(
    message,
    /^no good version within \d+ ms: \/lastgood\/run\/sdk\.sock does not exist/,
  );
});

test('an app follows a sidecar, and refuses a version with the line of its finding', async (t) => {
  const sidecar = await StandIn.listen(t, { 'config.yaml': 'batch_size: 8\n' });
  const { socket } = sidecar;
  const config = await connect({ socket, file: 'config.yaml', schema: SCHEMA, timeoutMs });
  t.after(() => config.close());
  await sidecar.untilAck('start', 'accept');
  const changes = config.changes();

  await sidecar.roll('r1', { 'config.yaml': 'batch_size: 16\n' });
  const { value } = await changes.next();
  assert.deepEqual([value.next.batch_size, config.current], [16, { batch_size: 16 }]);

  sidecar.prepare('r2', { 'config.yaml': '# more\nbatch_size: 128\n' });
  const { reasons } = await sidecar.untilAck('prepare', 'reject', 'r2');
  assert.match(reasons?.[0] ?? '', /^config\.yaml:2:13: .*64.*\[LG_VALIDATE_SCHEMA\]$/);
  assert.deepEqual(config.current, { batch_size: 16 });
  assert.deepEqual(await config.reload(), config.state);
});

test('an app that cannot start on the active version tells the sidecar why, and leaves', async (t) => {
  const sidecar = await StandIn.listen(t, { 'config.yaml': 'batch_size: 128\n' });
  const { socket } = sidecar;
  holdTimers(t);
  await assert.rejects(connect({ socket, file: 'config.yaml', schema: SCHEMA, timeoutMs }), {
    code: 'LG_SDK_INVALID',
  });
  const { reasons } = await sidecar.untilAck('start', 'reject');
  assert.match(reasons?.[0] ?? '', /^config\.yaml:1:13: .*64.*\[LG_VALIDATE_SCHEMA\]$/);
  await sidecar.until(() => sidecar.left[0], 'left');
});

test('P8 a secret of the sidecar is a Secret', async (t) => {
  const sidecar = await StandIn.listen(t);
  sidecar.activate({ password: 'hunter2' }, ['password']);
  const schema = secret(z.object({ password: z.string() }));
  const config = await connect({ socket: sidecar.socket, keys: '.', schema, timeoutMs });
  t.after(() => config.close());
  assert.equal(`${config.current.password}`, '[secret]');
  assert.equal(config.current.password.reveal(), 'hunter2');
});
