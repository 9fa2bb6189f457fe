import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeDirectory } from './make-directory.ts';

function tempDir(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-make-'));
  context.after(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('a directory is made with its parents, and the topmost new one is returned', async (context) => {
  const dir = tempDir(context);
  assert.equal(await makeDirectory(join(dir, 'a/b/c'), 0o700), join(dir, 'a'));
  assert.equal(await makeDirectory(join(dir, 'a/b/d')), join(dir, 'a/b/d'));
  assert.equal(await makeDirectory(join(dir, 'a/b/c')), undefined);
  for (const made of ['a', 'a/b', 'a/b/c'])
    assert.equal(statSync(join(dir, made)).mode & 0o777, 0o700);
});

test('two that make the same directory at once both find it there', async (context) => {
  const path = join(tempDir(context), 'a/b/c');
  await Promise.all([makeDirectory(path), makeDirectory(path), makeDirectory(path)]);
  assert.ok(statSync(path).isDirectory());
});

test('a place that no directory can have is an error, and no endless loop', async (context) => {
  const dir = tempDir(context);
  writeFileSync(join(dir, 'file'), '');
  symlinkSync('nowhere', join(dir, 'link'));
  await assert.rejects(makeDirectory('/proc/none'), { code: 'ENOENT' });
  await assert.rejects(makeDirectory('/proc/none/deep/er'), { code: 'ENOENT' });
  await assert.rejects(makeDirectory(join(dir, 'file')), { code: 'EEXIST' });
  await assert.rejects(makeDirectory(join(dir, 'file/below')), { code: 'ENOTDIR' });
  await assert.rejects(makeDirectory(join(dir, 'link/below')), { code: 'ENOENT' });
});
