import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { asyncFs } from '../fs/fs-adapter.ts';
import { newAttempt, volumeAt } from './capture.testing.ts';
import type { ReadFs } from './limiter.ts';
import type { Listed } from './list.ts';
import { readListed } from './read.ts';
import { ChangedDuringRead } from './read-attempt.ts';

/** A file of 300 000 bytes, and a try to read it with calls of which some are replaced. */
function fileWith(t: TestContext, calls: (path: string) => Partial<ReadFs>) {
  const root = temporaryDirectory(t);
  const diskPath = join(root, 'file');
  writeFileSync(diskPath, Buffer.alloc(300_000, 'a'));
  const attempt = newAttempt();
  const volume = {
    settings: volumeAt(root),
    file: undefined,
    fs: { ...asyncFs, ...calls(diskPath) },
    root,
    dataDir: root,
    isPlain: true,
    topNames: [],
    fingerprints: new Map(),
  };
  const listed: Listed = { volume, path: 'file', diskPath, canChange: true };
  return { attempt, volume, diskPath, read: () => readListed(listed, attempt, 0) };
}

test('P1 bytes are never older than the fingerprint that shows a change', async (t) => {
  const { read, diskPath } = fileWith(t, (path) => ({
    fstat: async (fd) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      writeFileSync(path, 'written while it was being opened');
      return asyncFs.fstat(fd);
    },
  }));
  const file = await read();
  assert.equal(file?.bytes.toString(), 'written while it was being opened');
  rmSync(diskPath);
});

test('a file that grows while it is read is read again, and never beyond its first size', async (t) => {
  const reads: number[] = [];
  const { read } = fileWith(t, (path) => ({
    fstat: async (fd) => {
      const stats = await asyncFs.fstat(fd);
      truncateSync(path, 0);
      appendFileSync(path, Buffer.alloc(100_000, 'b'));
      return { ...stats, size: 50n, isFile: () => true, isDirectory: () => false } as typeof stats;
    },
    read: async (fd, into, offset, length, position) => {
      reads.push(length);
      return asyncFs.read(fd, into, offset, length, position);
    },
  }));
  await assert.rejects(read(), ChangedDuringRead);
  assert.deepEqual(reads, [128 * 1024]);
});

test('a file that shrinks while it is read is read again', async (t) => {
  const { read } = fileWith(t, (path) => ({
    fstat: async (fd) => {
      const stats = await asyncFs.fstat(fd);
      truncateSync(path, 200_000);
      return stats;
    },
  }));
  await assert.rejects(read(), ChangedDuringRead);
});

test('a file that became a directory or vanished after the listing is read again', async (t) => {
  const { read, diskPath } = fileWith(t, () => ({}));
  rmSync(diskPath);
  await assert.rejects(read(), ChangedDuringRead);
  mkdirSync(diskPath);
  await assert.rejects(read(), ChangedDuringRead);
});

test('an error of the disk is a finding with its code', async (t) => {
  const { read, attempt } = fileWith(t, () => ({
    read: () => Promise.reject(Object.assign(new Error('broken'), { code: 'EIO' })),
  }));
  assert.equal(await read(), undefined);
  assert.deepEqual(
    attempt.findings.map(({ message }) => message),
    ['cannot be read: EIO'],
  );
});
