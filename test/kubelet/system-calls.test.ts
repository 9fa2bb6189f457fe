/** Holds the order of the stand-in's system calls against the kubelet's, as strace sees them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { AtomicWriter, type Payload, type WriteOrder } from './atomic-writer.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const CALLS =
  'mkdir,mkdirat,openat,chmod,fchmodat,symlink,symlinkat,rename,renameat,renameat2,unlink,unlinkat,rmdir';
const CHILD = `
  import { AtomicWriter } from ${JSON.stringify(import.meta.resolve('./atomic-writer.ts'))};
  const [dir, order, payload] = process.argv.slice(1);
  await new AtomicWriter(dir, { order }).write(JSON.parse(payload));
`;

/** Why strace cannot be used here; undefined when it can. */
function straceFault(): string | undefined {
  const { error, status, stderr } = spawnSync('strace', ['-y', '-z', 'true'], { encoding: 'utf8' });
  if (error !== undefined) return `strace is missing: ${error.message}`;
  return status === 0 ? undefined : `strace does not work here: ${stderr.split('\n')[0]}`;
}

const FAULT = straceFault();
// In CI a skip would hide a missing check.
const skip = FAULT !== undefined && !process.env.CI ? FAULT : false;

/** Writes `before` unseen, then `payload` under strace; the calls that changed the volume. */
async function callsOf(t: TestContext, order: WriteOrder, payload: Payload, before?: Payload) {
  assert.equal(FAULT, undefined);
  const scratch = temporaryDirectory(t);
  const dir = join(scratch, 'volume');
  const writer = new AtomicWriter(dir, { order });
  if (before !== undefined) await writer.write(before);
  const old = before === undefined ? 'none' : readlinkSync(join(dir, '..data'));
  const trace = join(scratch, 'trace');
  const strace = ['-f', '-y', '-z', '-s', '4096', '-e', `trace=${CALLS}`, '-o', trace];
  const child = ['--input-type=module', '-e', CHILD, dir, order, JSON.stringify(payload)];
  const { status, stderr } = spawnSync('strace', [...strace, process.execPath, ...child]);
  assert.equal(status, 0, String(stderr));
  const lines = readFileSync(trace, 'utf8').split('\n');
  const calls = lines.map((line) => callOf(line, dir)).filter((call) => call !== undefined);
  const named = calls.map((call) =>
    call.replaceAll(old, 'OLD').replace(/\.\.\d{4}_[\d_.]+/g, 'NEW'),
  );
  // How a directory is emptied is up to Node; that it goes at this point is not.
  const joined = named.map((call) => call.replace(/^remove OLD.*/, 'remove OLD'));
  return joined.filter((call, index) => call !== joined[index - 1]);
}

/** `123 symlink("..data/a", "/volume/a") = 0` as `link a -> ..data/a`; undefined if elsewhere. */
function callOf(line: string, dir: string): string | undefined {
  const [, name = '', args = ''] = /^\d+ +(\w+)\((.*)\) += /.exec(line) ?? [];
  const base = /^\d+<([^>]*)>/.exec(args)?.[1];
  const paths = [...args.matchAll(/"([^"]*)"/g)].map(([, path = '']) => path);
  const target = base === undefined ? (paths.at(-1) ?? '') : `${base}/${paths[0]}`;
  if (!target.startsWith(`${dir}/`)) return undefined;
  const inside = target.slice(dir.length + 1);
  const mode = /, (0[0-7]+)$/.exec(args)?.[1];
  if (name.startsWith('mkdir')) return `mkdir ${inside} ${mode}`;
  if (name === 'openat') return args.includes('O_CREAT') ? `write ${inside}` : undefined;
  if (name.includes('chmod')) return `chmod ${inside} ${mode}`;
  if (name.startsWith('symlink')) return `link ${inside} -> ${paths[0]}`;
  if (name.startsWith('rename')) return `rename ${paths[0]?.slice(dir.length + 1)} -> ${inside}`;
  return `remove ${inside}`;
}

const text = (bytes: string) => ({ bytes });

const MAKE = ['mkdir NEW 0700', 'chmod NEW 0755'];
const writes = (path: string) => [`write NEW/${path}`, `chmod NEW/${path} 0644`];
const SWAP = ['link ..data_tmp -> NEW', 'rename ..data_tmp -> ..data'];

describe('as strace sees it,', { skip }, () => {
  test('the new kubelet makes links after it renames ..data', async (t) => {
    assert.deepEqual(await callsOf(t, 'new', { 'config.yaml': text('1') }), [
      ...MAKE,
      ...writes('config.yaml'),
      ...SWAP,
      'link config.yaml -> ..data/config.yaml',
    ]);
  });

  test('the new kubelet links a new key after the swap and removes the old directory last', async (t) => {
    assert.deepEqual(await callsOf(t, 'new', { a: text('2'), b: text('2') }, { a: text('1') }), [
      ...MAKE,
      ...writes('a'),
      ...writes('b'),
      ...SWAP,
      'link b -> ..data/b',
      'remove OLD',
    ]);
  });

  test('the link of a removed key goes after the swap', async (t) => {
    assert.deepEqual(await callsOf(t, 'new', { a: text('1') }, { a: text('1'), b: text('1') }), [
      ...MAKE,
      ...writes('a'),
      ...SWAP,
      'remove b',
      'remove OLD',
    ]);
  });

  test('a nested path gets its directory, and one link in the root', async (t) => {
    assert.deepEqual(await callsOf(t, 'new', { 'model/a': text('1'), 'model/b': text('1') }), [
      ...MAKE,
      'mkdir NEW/model 0777',
      ...writes('model/a'),
      ...writes('model/b'),
      ...SWAP,
      'link model -> ..data/model',
    ]);
  });

  test('the old kubelet makes links before it renames ..data', async (t) => {
    assert.deepEqual(await callsOf(t, 'old', { 'config.yaml': text('1') }), [
      ...MAKE,
      ...writes('config.yaml'),
      'link config.yaml -> ..data/config.yaml',
      ...SWAP,
    ]);
  });

  test('the old kubelet links a new key before the swap, a removed one is unlinked after it', async (t) => {
    assert.deepEqual(await callsOf(t, 'old', { a: text('2'), b: text('2') }, { a: text('1') }), [
      ...MAKE,
      ...writes('a'),
      ...writes('b'),
      'link b -> ..data/b',
      ...SWAP,
      'remove OLD',
    ]);
    assert.deepEqual(await callsOf(t, 'old', { b: text('1') }, { a: text('1'), b: text('1') }), [
      ...MAKE,
      ...writes('b'),
      ...SWAP,
      'remove a',
      'remove OLD',
    ]);
  });

  test('the old kubelet links a nested path before the swap', async (t) => {
    assert.deepEqual(await callsOf(t, 'old', { 'model/a': text('1') }), [
      ...MAKE,
      'mkdir NEW/model 0777',
      ...writes('model/a'),
      'link model -> ..data/model',
      ...SWAP,
    ]);
  });

  test('an update without a change makes no system call that changes anything', async (t) => {
    for (const order of ['new', 'old'] as const) {
      assert.deepEqual(await callsOf(t, order, { a: text('1') }, { a: text('1') }), []);
    }
  });
});
