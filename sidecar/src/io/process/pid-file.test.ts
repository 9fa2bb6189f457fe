import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isMeant, type PidFile, readPidFile } from './pid-file.ts';
import { Scene } from './process.testing.ts';
import { listProcesses, type ProcessId } from './process-table.ts';

async function read(path: string): Promise<PidFile> {
  const file = await readPidFile(path);
  assert.ok('pid' in file);
  return file;
}

async function find(pid: number): Promise<ProcessId> {
  const found = (await listProcesses()).find((one) => one.pid === pid);
  assert.ok(found !== undefined);
  return found;
}

test('P9: a process that started after its pid file was written is another one', async (t) => {
  const scene = new Scene(t);
  const path = join(scene.dir, 'pid');
  const pid = await scene.start();
  const found = await find(pid);
  const writtenAgo = async (seconds: number) => {
    writeFileSync(path, String(pid));
    const writtenAt = Date.now() / 1_000 - seconds;
    utimesSync(path, writtenAt, writtenAt);
    return isMeant(await read(path), found);
  };
  assert.equal(await writtenAgo(3_600), false);
  assert.equal(await writtenAgo(1e9), false);
  // Such a file also stays another's when the clock is set.
  assert.equal(await isMeant(await read(path), found), false);
  assert.equal(await writtenAgo(0), true);
});

test('a step of the wall clock by seconds does not hide the process of a pid file', async (t) => {
  const scene = new Scene(t);
  const path = join(scene.dir, 'pid');
  const found = await find(await scene.start());
  for (const seconds of [3, -3, -3_600]) {
    writeFileSync(path, String(found.pid));
    const writtenAt = Date.now() / 1_000 - seconds;
    utimesSync(path, writtenAt, writtenAt);
    assert.equal(await isMeant(await read(path), found), true, `${seconds} s`);
  }
  // Known from the first look on, whatever the clocks say.
  const file = { ...(await read(path)), writtenAtMs: 0 };
  assert.equal(await isMeant(file, found), true);
  assert.equal(await isMeant(file, { ...found, startTicks: found.startTicks + 1 }), false);
});

test('P9: a process that takes the number of a pid file after the first look is another one', async (t) => {
  const scene = new Scene(t);
  const path = join(scene.dir, 'pid');
  const ended = Number(spawnSync('/bin/sh', ['-c', 'echo $$'], { encoding: 'utf8' }).stdout);
  writeFileSync(path, String(ended));
  const stale = await read(path);
  const recycled = { pid: ended, startTicks: (await find(process.pid)).startTicks };
  assert.equal(await isMeant(stale, undefined), false);
  assert.equal(await isMeant(stale, recycled), false);
  // It writes the file itself.
  rmSync(path);
  writeFileSync(path, `${ended}\n`);
  assert.equal(await isMeant(await read(path), recycled), true);
});
