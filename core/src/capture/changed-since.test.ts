import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { changedSince } from './changed-since.ts';

async function directory(context: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lastgood-since-'));
  context.after(() => rm(dir, { recursive: true }));
  return dir;
}

/** Later than every file time until now, and earlier than every one from now on. */
async function now(context: TestContext): Promise<number> {
  const wallMs = Date.now() + 1;
  // The file system has a clock that may be late.
  const probe = join(await directory(context), 'probe');
  do await writeFile(probe, '');
  while ((await stat(probe)).ctimeMs <= wallMs);
  return wallMs;
}

async function swap(dir: string, name: string): Promise<void> {
  await mkdir(join(dir, name));
  await writeFile(join(dir, name, 'config.yaml'), name);
  // Only the rename may count: a volume is prepared before it is swapped in.
  await utimes(join(dir, name), 0, 0);
  await symlink(name, join(dir, '..data_tmp'));
  await rename(join(dir, '..data_tmp'), join(dir, '..data'));
}

test('a volume of the kubelet has changed when ..data was renamed', async (t) => {
  const dir = await directory(t);
  await swap(dir, '..1');
  await symlink('..data/config.yaml', join(dir, 'config.yaml'));
  const since = await now(t);
  const file = join(dir, 'config.yaml');
  assert.deepEqual(
    [await changedSince(dir, since), await changedSince(file, since)],
    [false, false],
  );
  await swap(dir, '..2');
  assert.deepEqual([await changedSince(dir, since), await changedSince(file, since)], [true, true]);
});

test('a plain directory has changed when any file in it has, or was moved there', async (t) => {
  const dir = await directory(t);
  const more = await directory(t);
  await mkdir(join(dir, 'deep'));
  for (const path of [join(dir, 'deep/a.yaml'), join(more, 'a.yaml')]) await writeFile(path, '1');
  const since = await now(t);
  assert.equal(await changedSince(dir, since), false);
  await rename(join(more, 'a.yaml'), join(dir, 'deep/a.yaml'));
  assert.equal(await changedSince(dir, since), true);
});

test('P3: a volume behind a link has changed when the link was', async (t) => {
  const dir = await directory(t);
  for (const name of ['1', '2']) {
    await mkdir(join(dir, name));
    await writeFile(join(dir, name, 'config.yaml'), name);
  }
  const current = join(dir, 'current');
  const paths = [current, join(current, 'config.yaml')];
  await symlink('1', current);
  const since = await now(t);
  const look = () => Promise.all(paths.map((path) => changedSince(path, since)));
  assert.deepEqual(await look(), [false, false]);
  await symlink('2', join(dir, 'next'));
  await rename(join(dir, 'next'), current);
  assert.deepEqual(await look(), [true, true]);
});

test('what is not there, or has too many entries to tell, may have changed', async (t) => {
  const dir = await directory(t);
  assert.equal(await changedSince(join(dir, 'missing'), Date.now()), true);
  for (let count = 0; count <= 1_000; count++) await writeFile(join(dir, `${count}`), '');
  assert.equal(await changedSince(dir, await now(t)), true);
});
