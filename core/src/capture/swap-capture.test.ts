import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AtomicWriter } from '../../../test/kubelet/atomic-writer.ts';
import { systemClock } from '../model/clock.ts';
import { createSwapCapture } from './swap-capture.ts';

async function volume(context: { after: (end: () => Promise<void>) => void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lastgood-swaps-'));
  context.after(() => rm(dir, { recursive: true }));
  return dir;
}

async function versionOf(...paths: string[]): Promise<string> {
  const captured = await createSwapCapture(
    paths.map((path) => ({ path })),
    systemClock,
  )();
  assert.ok(captured.ok, JSON.stringify(captured));
  return captured.snapshot.version;
}

test('each swap of any volume has its own version', async (context) => {
  const [dir, other] = [await volume(context), await volume(context)];
  const [writer, second] = [new AtomicWriter(dir), new AtomicWriter(other)];
  await writer.write({ 'a.yaml': { bytes: 'a: 1' } });
  await second.write({ 'b.yaml': { bytes: 'b: 1' } });
  const seen = [await versionOf(dir, other)];
  assert.equal(await versionOf(dir, other), seen[0]);
  await writer.write({ 'a.yaml': { bytes: 'a: 2' } });
  seen.push(await versionOf(dir, other));
  await second.write({ 'b.yaml': { bytes: 'b: 2' } });
  seen.push(await versionOf(dir, other));
  // The content is that of before, and yet it is another swap.
  await writer.write({ 'a.yaml': { bytes: 'a: 1' } });
  seen.push(await versionOf(dir, other));
  assert.equal(new Set(seen).size, 4);
});

test('a plain directory has a new version when its files look different', async (context) => {
  const dir = await volume(context);
  const path = join(dir, 'a.yaml');
  await writeFile(path, 'a: 1');
  const first = await versionOf(dir);
  assert.equal(await versionOf(dir), first);
  await writeFile(join(dir, 'new'), 'a: 1');
  await rename(join(dir, 'new'), path);
  const second = await versionOf(dir);
  assert.notEqual(second, first);
  await writeFile(path, 'a: 22');
  assert.notEqual(await versionOf(dir), second);
});

test('a missing volume is a finding', async (context) => {
  const path = join(await volume(context), 'missing');
  const captured = await createSwapCapture([{ path }], systemClock)();
  assert.ok(!captured.ok);
  assert.deepEqual(
    captured.findings.map(({ code }) => code),
    ['LG_CAPTURE_MISSING'],
  );
});
