import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import { FakeBundle, serving, temporaryDirectory } from './server.testing.ts';
import { listenAt } from './unix-socket.ts';

const BUNDLES = [new FakeBundle('model')];

function modeOf(path: string): number {
  return statSync(path).mode & 0o777;
}

/** The socket of a process that was killed. */
async function staleSocket(t: TestContext): Promise<string> {
  const path = join(temporaryDirectory(t), 'sdk.sock');
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  return path;
}

/** Starting at the path fails, and the message has this reason. */
async function assertRefused(t: TestContext, path: string, reason: RegExp): Promise<void> {
  await assert.rejects(serving(t, BUNDLES, { path }), (error) => {
    assert.ok(error instanceof LastgoodError && error.code === 'LG_SERVE_SOCKET');
    assert.match(error.message, reason);
    assert.ok(error.message.includes(path));
    return true;
  });
}

test('the socket has its mode and group, and is gone after close', async (t) => {
  const group = process.getgid?.() ?? 0;
  const { path, close } = await serving(t, BUNDLES, { mode: 0o620, group });
  assert.ok(lstatSync(path).isSocket());
  assert.equal(modeOf(path), 0o620);
  assert.equal(statSync(path).gid, group);
  assert.deepEqual(readdirSync(dirname(path)), ['sdk.sock']);
  await close();
  assert.deepEqual(readdirSync(dirname(path)), []);
});

test('until it has its mode, the socket is in a directory that no other user can open', async (t) => {
  const path = join(temporaryDirectory(t), 'sdk.sock');
  const server = createServer();
  t.after(() => server.close());
  await listenAt({ path, mode: 0o666 }, async (bound) => {
    await once(server.listen(bound), 'listening');
    assert.equal(modeOf(dirname(bound)), 0o700);
    assert.ok(Buffer.byteLength(bound) <= Buffer.byteLength(path));
    assert.ok(!existsSync(path));
  });
  assert.equal(modeOf(path), 0o666);
});

for (const [mode, expected] of [
  [0o600, 0o700],
  [0o660, 0o750],
  [0o666, 0o755],
] as const)
  test(`a missing directory is made with mode ${expected.toString(8)} for a socket of ${mode.toString(8)}`, async (t) => {
    const path = join(temporaryDirectory(t), 'new/run/sdk.sock');
    const { send } = await serving(t, BUNDLES, { path, mode });
    assert.equal(modeOf(dirname(path)), expected);
    assert.equal((await send('GET', '/v1/bundles')).status, 200);
  });

test('a directory that exists keeps its mode', async (t) => {
  const directory = join(temporaryDirectory(t), 'run');
  mkdirSync(directory, { mode: 0o711 });
  await serving(t, BUNDLES, { path: join(directory, 'sdk.sock') });
  assert.equal(modeOf(directory), 0o711);
});

test('the socket of a process that was killed is replaced', async (t) => {
  const path = await staleSocket(t);
  assert.ok(lstatSync(path).isSocket());
  const { send } = await serving(t, BUNDLES, { path });
  assert.equal((await send('GET', '/v1/bundles')).status, 200);
});

test('the socket of a live process is left alone, and its server goes on', async (t) => {
  const first = await serving(t, BUNDLES);
  await assertRefused(t, first.path, /another process listens there$/);
  assert.equal((await first.send('GET', '/v1/bundles')).status, 200);
});

test('a file, a directory or a link in its place is left alone', async (t) => {
  const stale = await staleSocket(t);
  const at = (name: string) => join(dirname(stale), name);
  writeFileSync(at('file'), 'precious');
  mkdirSync(at('directory'));
  symlinkSync(stale, at('link'));
  symlinkSync(at('nothing'), at('dangling'));
  for (const name of ['file', 'directory', 'link', 'dangling'])
    await assertRefused(t, at(name), /it exists and is not a socket$/);
  assert.equal(readFileSync(at('file'), 'utf8'), 'precious');
  assert.ok(lstatSync(at('link')).isSymbolicLink());
  assert.ok(!existsSync(at('nothing')));
});

test('a path that is too long or leads through a file is refused with the reason', async (t) => {
  const directory = temporaryDirectory(t);
  const exact = join(directory, 'x'.repeat(107 - Buffer.byteLength(directory) - 10), 'sdk.sock');
  assert.equal(Buffer.byteLength(exact), 107);
  const { send } = await serving(t, BUNDLES, { path: exact });
  assert.equal((await send('GET', '/v1/bundles')).status, 200);
  const long = join(directory, 'x'.repeat(100), 'sdk.sock');
  await assertRefused(t, long, /the path has \d{3} bytes, more than 107$/);
  writeFileSync(join(directory, 'file'), '');
  await assertRefused(
    t,
    join(directory, 'file/sdk.sock'),
    /: its directory cannot be made: (ENOTDIR|EEXIST)$/,
  );
});

test('a group that this process may not give is refused, and nothing is left', async (t) => {
  const path = join(temporaryDirectory(t), 'sdk.sock');
  if (process.getuid?.() === 0) {
    // Root may give every group.
    chownSync(dirname(path), 65_534, 65_534);
    process.seteuid?.(65_534);
    t.after(() => process.seteuid?.(0));
  }
  const refused = serving(t, BUNDLES, { path, group: 54_321 });
  await assert.rejects(refused, /may not give it to the group 54321: EPERM$/);
  assert.deepEqual(readdirSync(dirname(path)), []);
});

test('a socket that someone deletes comes back, and what is connected stays so', async (t) => {
  const bundle = new FakeBundle('model');
  const { path, send, subscribe, close } = await serving(t, [bundle], {
    mode: 0o620,
    heartbeatMs: 20,
  });
  const stream = await subscribe('/v1/bundles/model/events');
  for (const _ of [1, 2]) {
    rmSync(dirname(path), { recursive: true });
    while (!existsSync(path)) await setTimeout(5);
    assert.equal(modeOf(path), 0o620);
    assert.equal((await send('GET', '/v1/bundles')).status, 200);
  }
  assert.equal((await stream.next())?.event, 'hello');
  assert.equal((await (await subscribe('/v1/bundles/model/events')).next())?.event, 'hello');
  await close();
  assert.deepEqual(readdirSync(dirname(path)), []);
});

test('a socket that cannot come back is reported once, and tried again', async (t) => {
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const path = join(temporaryDirectory(t), 'run/sdk.sock');
  const { send } = await serving(t, BUNDLES, { path, heartbeatMs: 20, onError });
  rmSync(dirname(path), { recursive: true });
  symlinkSync('nowhere', dirname(path));
  while (errors.length === 0) await setTimeout(5);
  await setTimeout(100);
  assert.equal(errors.length, 1);
  assert.match(String(errors[0]), /cannot serve the SDK/);
  rmSync(dirname(path));
  while (!existsSync(path)) await setTimeout(5);
  assert.equal((await send('GET', '/v1/bundles')).status, 200);
});

test('close leaves the socket of a later process alone', async (t) => {
  const { path, close } = await serving(t, BUNDLES);
  const other = await serving(t, BUNDLES, { path: join(dirname(path), 'other.sock') });
  renameSync(other.path, path);
  await close();
  assert.ok(lstatSync(path).isSocket());
});
