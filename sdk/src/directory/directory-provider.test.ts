import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { versionOf } from '@lastgood/core/capture/assemble.ts';
import { mountsOf, skip } from '../../../core/src/source/mounts.testing.ts';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { AtomicWriter } from '../../../test/kubelet/atomic-writer.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { ACCEPT, App, type Texts, textsOf } from '../app.testing.ts';
import type { Answer } from '../provider.ts';
import { createDirectoryProvider } from './directory-provider.ts';

function connect(t: TestContext, directory: string, secret: readonly string[] = []) {
  const provider = createDirectoryProvider({ directory, secret });
  t.after(() => provider.close());
  const app = new App();
  const start = (signal = AbortSignal.timeout(DEADLINE_MS)) => provider.start(app, signal);
  return { provider, app, start };
}

/** A volume of the kubelet, with an app that runs on its first version. */
async function connectToVolume(t: TestContext, first: Texts) {
  const directory = temporaryDirectory(t);
  const writer = new AtomicWriter(directory);
  const write = (texts: Texts) =>
    writer.write(Object.fromEntries(Object.entries(texts).map(([k, bytes]) => [k, { bytes }])));
  await write(first);
  const { provider, app, start } = connect(t, directory);
  const version = await start();
  assert.deepEqual(textsOf(version), first);
  return { provider, app, write, directory };
}

test('each swap of the kubelet is prepared and committed', async (t) => {
  const { app, write } = await connectToVolume(t, { 'a.yaml': '1' });
  for (const number of ['2', '3', '4']) {
    await write({ 'a.yaml': number });
    await app.untilCommitted({ 'a.yaml': number });
  }
  assert.deepEqual(app.prepared, app.committed);
  assert.equal(app.reports.at(-1)?.status, 'ok');
});

test('files that an editor saves are a version, and what it leaves beside them is not', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'a.yaml'), '1');
  const { app, start } = connect(t, directory);
  await start();
  writeFileSync(join(directory, 'a.yaml'), '2');
  await app.untilCommitted({ 'a.yaml': '2' });
  mkdirSync(join(directory, 'node_modules'));
  for (const name of ['node_modules/a', '4913', 'a.yaml~', '.a.yaml.swp', '.#a.yaml', '#a.yaml#'])
    writeFileSync(join(directory, name), 'x');
  writeFileSync(join(directory, 'new'), '3');
  renameSync(join(directory, 'new'), join(directory, 'a.yaml'));
  await app.untilCommitted({ 'a.yaml': '3' });
  assert.deepEqual(app.prepared, [{ 'a.yaml': '2' }, { 'a.yaml': '3' }]);
});

test('start waits for a directory that does not exist, and says so', async (t) => {
  const directory = join(temporaryDirectory(t), 'not', 'yet');
  const { app, start } = connect(t, directory);
  const started = start();
  await app.untilReported('degraded');
  assert.deepEqual(app.reports.at(-1), {
    status: 'degraded',
    reason: `the volume ${directory} does not exist [LG_CAPTURE_MISSING]`,
  });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'a'), '1');
  assert.deepEqual(textsOf(await started), { a: '1' });
  await app.untilReported('ok');
});

test('start rejects with the reason of its signal', async (t) => {
  const reason = new Error('too late');
  const { app, start } = connect(t, join(temporaryDirectory(t), 'none'));
  const abort = new AbortController();
  const started = start(abort.signal);
  await app.untilReported('degraded');
  abort.abort(reason);
  await assert.rejects(started, reason);
  const { start: startLate } = connect(t, temporaryDirectory(t));
  await assert.rejects(startLate(AbortSignal.abort(reason)), reason);
});

test('start rejects if the provider is closed, before it or meanwhile', async (t) => {
  const { provider, start } = connect(t, join(temporaryDirectory(t), 'none'));
  const started = assert.rejects(start(), { code: 'LG_SDK_CLOSED' });
  await provider.close();
  await started;
  await assert.rejects(start(), { code: 'LG_SDK_CLOSED' });
});

test('a mount that never changes is a warning of the process', { skip }, async (t) => {
  const { dir, mount } = mountsOf(t);
  for (const name of ['source', 'config']) writeFileSync(join(dir, name), '1');
  mount('--bind', join(dir, 'source'), join(dir, 'config'));
  const warned = once(process, 'warning', { signal: AbortSignal.timeout(DEADLINE_MS) });
  const version = await connect(t, join(dir, 'config')).start();
  assert.deepEqual(textsOf(version), { config: '1' });
  const [warning] = await warned;
  assert.equal(warning.code, 'LG_SOURCE_NEVER_CHANGES');
});

test('P4 a rejected version is not tried again, and a fix goes forward', async (t) => {
  const { app, write } = await connectToVolume(t, { a: '1' });
  app.answer = ({ files }) =>
    files[0]?.bytes.toString() === 'bad' ? { verdict: 'reject', reasons: ['it is bad'] } : ACCEPT;
  await write({ a: 'bad' });
  await app.untilReported('degraded');
  const [rejected] = app.reports.slice(-1);
  assert.ok(rejected?.status === 'degraded' && rejected.rejected !== undefined);
  assert.deepEqual([rejected.reason, rejected.rejected.reasons], ['it is bad', ['it is bad']]);
  await write({ a: '1' });
  await app.untilReported('ok');
  await write({ a: 'bad' });
  await app.untilReported('degraded');
  await write({ a: '2' });
  await app.untilCommitted({ a: '2' });
  await app.untilReported('ok');
  assert.deepEqual(app.committed, [{ a: '2' }]);
});

test('a version that is rejected stays so while its content does', async (t) => {
  const { app, write, directory } = await connectToVolume(t, { a: '1' });
  app.answer = () => ({ verdict: 'reject', reasons: ['never'] });
  await write({ a: 'bad' });
  await app.untilReported('degraded');
  const count = app.reports.length;
  // An event that changes nothing.
  writeFileSync(join(directory, 'other'), '');
  rmSync(join(directory, 'other'));
  await app.until(() => app.reports.length > count, 'captured again');
  assert.equal(app.prepared.length, 1);
  assert.equal(app.reports.at(-1)?.status, 'degraded');
});

test('an app that needs a restart is reported as such', async (t) => {
  const { app, write } = await connectToVolume(t, { a: '1' });
  app.answer = () => ({ verdict: 'restart', reasons: ['the port changes'] });
  await write({ a: '2' });
  await app.untilReported('pending-restart');
  assert.deepEqual(app.reports.at(-1), { status: 'pending-restart', reason: 'the port changes' });
});

test('P6 a newer version aborts the one that hangs in prepare, whose answer comes too late', async (t) => {
  const { app, write } = await connectToVolume(t, { a: '1' });
  const hangs = Promise.withResolvers<Answer>();
  app.answer = () => (app.prepared.length === 1 ? hangs.promise : ACCEPT);
  await write({ a: '2' });
  await app.until(() => app.prepared.length === 1, 'prepared');
  await write({ a: '3' });
  await app.untilCommitted({ a: '3' });
  assert.equal(app.signals[0]?.aborted, true);
  hangs.resolve(ACCEPT);
  await write({ a: '4' });
  await app.untilCommitted({ a: '4' });
  assert.deepEqual(app.committed, [{ a: '3' }, { a: '4' }]);
});

test('a return to the active version aborts the one in prepare', async (t) => {
  const { app, write } = await connectToVolume(t, { a: '1' });
  app.answer = () => new Promise(() => {});
  await write({ a: '2' });
  await app.until(() => app.prepared.length === 1, 'prepared');
  await write({ a: '1' });
  await app.until(() => app.signals[0]?.aborted === true, 'aborted');
  assert.deepEqual(app.committed, []);
});

test('content that cannot be read is a reason, and is read when it can be', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'a'), '1');
  const { app, start } = connect(t, directory);
  await start();
  writeFileSync(join(directory, 'large'), Buffer.alloc(5 * 2 ** 20));
  await app.untilReported('degraded');
  assert.match(JSON.stringify(app.reports.at(-1)), /LG_CAPTURE_TOO_LARGE/);
  rmSync(join(directory, 'large'));
  await app.untilReported('ok');
  rmSync(directory, { recursive: true });
  await app.untilReported('degraded');
  mkdirSync(directory);
  writeFileSync(join(directory, 'a'), '2');
  await app.untilCommitted({ a: '2' });
  await app.untilReported('ok');
});

test('a subscriber that throws, against its contract, rejects', async (t) => {
  const { app, write } = await connectToVolume(t, { a: '1' });
  app.answer = () => {
    throw new Error('a bug');
  };
  await write({ a: '2' });
  await app.untilReported('degraded');
  assert.equal(JSON.stringify(app.reports.at(-1)).includes('a bug'), true);
});

test('P8 secret files are marked, and their version cannot be guessed', async (t) => {
  const directory = temporaryDirectory(t);
  for (const name of ['db', 'deep/er']) mkdirSync(join(directory, name), { recursive: true });
  const paths = ['config.yaml', 'db/password', 'deep/er/token', 'x.pem'];
  for (const path of paths) writeFileSync(join(directory, path), '1');
  const open = await connect(t, directory).start();
  const hashed = open.files.map((file) => ({ ...file, sha256: hash('sha256', file.bytes) }));
  assert.equal(open.version, versionOf(hashed));
  const secret = ['./db/', '**/token', '*.pem'];
  const versions = new Set<string>([open.version]);
  for (const _ of [1, 2]) {
    const { version, files } = await connect(t, directory, secret).start();
    versions.add(version);
    assert.deepEqual(
      files.map((file) => [file.path, file.secret]),
      paths.map((path) => [path, path !== 'config.yaml']),
    );
  }
  assert.equal(versions.size, 3);
});

test('P8 a glob of secret files that matches none is a warning', async (t) => {
  const warnings = t.mock.method(process, 'emitWarning', () => {});
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, 'db'));
  for (const path of ['config.yaml', 'db/password']) writeFileSync(join(directory, path), '1');
  await connect(t, directory, ['db', 'config/db', '*.yaml']).start();
  assert.deepEqual(
    warnings.mock.calls.map((call) => call.arguments.at(0)),
    ['no file matches the glob config/db of secret files [LG_SDK_NO_SECRET]'],
  );
});

test('P1 P3 of a storm of swaps each version is whole, and the last one is committed', async (t) => {
  const { app, write } = await connectToVolume(t, { a: '0', 'sub/b': '0' });
  for (let number = 1; number <= 200; number++)
    await write({ a: String(number), 'sub/b': String(number) });
  await app.untilCommitted({ a: '200', 'sub/b': '200' });
  for (const texts of app.prepared) assert.equal(texts.a, texts['sub/b']);
});

test('after close nothing is called, and twice is harmless', async (t) => {
  const { provider, app, write, directory } = await connectToVolume(t, { a: '1' });
  app.answer = () => new Promise(() => {});
  await write({ a: '2' });
  await app.until(() => app.prepared.length === 1, 'prepared');
  const reports = app.reports.length;
  await Promise.all([provider.close(), provider.close()]);
  assert.equal(app.signals[0]?.aborted, true);
  // By the time that another app has the next version, this one would have it too.
  const other = connect(t, directory);
  await other.start();
  await write({ a: '3' });
  await other.app.untilCommitted({ a: '3' });
  assert.deepEqual(
    [app.prepared.length, app.committed.length, app.reports.length],
    [1, 0, reports],
  );
});

const PROGRAM = `
  import { createDirectoryProvider } from ${JSON.stringify(join(import.meta.dirname, 'directory-provider.ts'))};
  const app = { prepare: async () => ({ verdict: 'accept' }), commit() {}, abort() {}, report() {} };
  const [directory, missing] = process.argv.slice(1);
  const provider = createDirectoryProvider({ directory });
  await provider.start(app, new AbortController().signal);
  await provider.close();
  const abort = new AbortController();
  const waiting = createDirectoryProvider({ directory: missing }).start(app, abort.signal);
  setTimeout(() => abort.abort(new Error('enough')), 50);
  await waiting.catch(({ message }) => console.log(message));`;

test('a process ends by itself once its providers are closed or given up', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'a'), '1');
  const args = ['--input-type=module', '-e', PROGRAM, directory, join(directory, 'none')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close', { signal: AbortSignal.timeout(DEADLINE_MS) });
  assert.deepEqual([code, output], [0, 'enough\n']);
});

test('reload resolves once the app has taken or refused what is there', async (t) => {
  const { provider, app, write } = await connectToVolume(t, { 'a.yaml': '1' });
  await write({ 'a.yaml': '2' });
  await provider.reload?.();
  assert.deepEqual(app.committed, [{ 'a.yaml': '2' }]);

  const answer = Promise.withResolvers<Answer>();
  app.answer = () => answer.promise;
  await write({ 'a.yaml': '3' });
  const reloads = [provider.reload?.(), provider.reload?.()];
  await app.until(() => app.prepared.length === 2, 'prepared');
  answer.resolve({ verdict: 'reject', reasons: ['no'] });
  await Promise.all(reloads);
  assert.deepEqual([app.prepared.length, app.reports.at(-1)?.status], [2, 'degraded']);
  await provider.close();
  await provider.reload?.();
});

test('a reload that cannot read the directory says so, and it is tried again', async (t) => {
  const { provider, app, directory, write } = await connectToVolume(t, { 'a.yaml': '1' });
  renameSync(directory, `${directory}-away`);
  await provider.reload?.();
  assert.equal(app.reports.at(-1)?.status, 'degraded');
  renameSync(`${directory}-away`, directory);
  await write({ 'a.yaml': '2' });
  await app.untilCommitted({ 'a.yaml': '2' });
});
