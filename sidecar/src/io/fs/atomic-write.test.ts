import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createFile, replaceFile, syncDirectory } from './atomic-write.ts';

const base = mkdtempSync(join(tmpdir(), 'lastgood-durable-'));
after(() => rmSync(base, { recursive: true }));

test('a created file has its bytes and exactly its mode, whatever the umask is', async () => {
  const old = process.umask(0o077);
  try {
    await createFile(join(base, 'open'), Buffer.from('a'), 0o664);
    await createFile(join(base, 'closed'), Buffer.alloc(0), 0o400);
  } finally {
    process.umask(old);
  }
  assert.equal(readFileSync(join(base, 'open'), 'utf8'), 'a');
  assert.equal(statSync(join(base, 'open')).mode & 0o777, 0o664);
  assert.equal(statSync(join(base, 'closed')).mode & 0o777, 0o400);
});

test('a file that exists is never overwritten by creating it', async () => {
  writeFileSync(join(base, 'taken'), 'mine');
  await assert.rejects(createFile(join(base, 'taken'), Buffer.from('x'), 0o644), {
    code: 'EEXIST',
  });
  assert.equal(readFileSync(join(base, 'taken'), 'utf8'), 'mine');
});

test('replacing a file leaves no temporary file, and overwrites one that was left behind', async () => {
  const dir = mkdtempSync(join(base, 'replace-'));
  writeFileSync(join(dir, 'journal.tmp'), 'half-written by a killed writer, and longer');
  await replaceFile(join(dir, 'journal'), Buffer.from('one'), 0o600);
  await replaceFile(join(dir, 'journal'), Buffer.from('two'), 0o600);
  assert.equal(readFileSync(join(dir, 'journal'), 'utf8'), 'two');
  assert.deepEqual(readdirSync(dir), ['journal']);
});

test('a file that cannot be replaced keeps its bytes', async () => {
  const dir = mkdtempSync(join(base, 'kept-'));
  await assert.rejects(replaceFile(join(dir, 'none', 'journal'), Buffer.from('x'), 0o600), {
    code: 'ENOENT',
  });
  assert.deepEqual(readdirSync(dir), []);
});

test('P7 a writer killed at any moment leaves the whole old or the whole new content', async () => {
  const dir = mkdtempSync(join(base, 'killed-'));
  const path = join(dir, 'journal');
  const script = `
    import { replaceFile } from ${JSON.stringify(join(import.meta.dirname, 'atomic-write.ts'))};
    for (let i = 0; ; i++) {
      await replaceFile(${JSON.stringify(path)}, Buffer.alloc(300_000, String(i % 10)), 0o600);
      if (i === 0) process.stdout.write('written');
    }`;
  for (let round = 0; round < 5; round++) {
    const writer = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(writer.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, round * 3));
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const bytes = readFileSync(path);
    assert.equal(bytes.length, 300_000);
    assert.ok(
      bytes.every((byte) => byte === bytes[0]),
      'two contents in one file',
    );
  }
});

test('a directory is synced, and one that is missing is an error', async () => {
  await syncDirectory(base);
  await assert.rejects(syncDirectory(join(base, 'none')), { code: 'ENOENT' });
});
