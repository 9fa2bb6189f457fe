import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import type { Clock } from '../model/clock.ts';
import { patientClock, swap, watching } from './source.testing.ts';

test('P3 each of 200 swaps is reported as a swap', async (t) => {
  const path = temporaryDirectory(t);
  const { waitFor } = await watching(t, [path]);
  for (let count = 0; count < 200; count++) await waitFor('swap', () => swap(path));
});

test('every other event is reported after the idle time: edits, new and removed files, nested ones', async (t) => {
  const path = temporaryDirectory(t);
  mkdirSync(join(path, 'sub/deep'), { recursive: true });
  writeFileSync(join(path, 'sub/deep/a'), '1');
  const { waitFor, reasons } = await watching(t, [path]);
  await waitFor('change', () => writeFileSync(join(path, 'b'), '1'));
  await waitFor('change', () => appendFileSync(join(path, 'b'), '2'));
  await waitFor('change', () => appendFileSync(join(path, 'sub/deep/a'), '2'));
  await waitFor('change', () => unlinkSync(join(path, 'b')));
  await waitFor('change', () => mkdirSync(join(path, 'new')));
  // The watch on the new directory may cause one of them itself, when it is set.
  for (const text of ['1', '2', '3'])
    await waitFor('change', () => writeFileSync(join(path, 'new/c'), text));
  assert.ok(!reasons.includes('swap'));
});

test('swaps in one turn of the event loop are reported once at once, and once at its end', async (t) => {
  const paths = Array.from({ length: 5 }, () => temporaryDirectory(t));
  const { waitFor, reasons } = await watching(t, paths);
  await waitFor('swap', () => {
    // Without a step to wait for, each of them is done when the call returns.
    for (const path of paths) void swap(path);
  });
  await waitFor('change');
  const swaps = reasons.filter((why) => why === 'swap').length;
  assert.ok(swaps >= 1 && swaps <= 2, `${reasons}`);
});

test('with settle, volumes that change together are reported once, when all are idle', async (t) => {
  const settleMs = 400;
  /** Whether this machine made the changes before the idle time of the one before was over. */
  const isSettled = async () => {
    const [one, two, plain] = [temporaryDirectory(t), temporaryDirectory(t), temporaryDirectory(t)];
    const { waitFor, reasons, source } = await watching(t, [one, two, plain], { settleMs });
    const timesMs: number[] = [];
    await waitFor('swap', async () => {
      timesMs.push(performance.now());
      await swap(one);
      await pause(150);
      await swap(two);
      timesMs.push(performance.now());
      await pause(150);
      writeFileSync(join(plain, 'a'), '1');
      timesMs.push(performance.now());
    });
    const [first = 0, second = 0, last = 0] = timesMs;
    if (Math.max(second - first, last - second) >= settleMs) return false;
    const idleMs = performance.now() - last;
    assert.ok(idleMs >= settleMs - 5, 'did not wait for the idle time after the last change');
    assert.equal(reasons.filter((why) => why === 'swap').length, 1);
    await source.close();
    return true;
  };
  while (!(await isSettled()));
});

test('a volume without parent directories is noticed when it appears', async (t) => {
  const path = join(temporaryDirectory(t), 'not/yet/there');
  const { waitFor, troubles, waitForSwap } = await watching(t, [path]);
  await waitFor('change', () => swap(path));
  await waitForSwap(path);
  assert.deepEqual(troubles, []);
});

test('a volume that disappears is noticed, and again when it comes back', async (t) => {
  const path = join(temporaryDirectory(t), 'volume');
  await swap(path);
  const { waitFor, waitForSwap } = await watching(t, [path]);
  for (let count = 0; count < 3; count++) {
    await waitFor('change', () => rmSync(path, { recursive: true }));
    await waitFor('change', () => swap(path));
    await waitForSwap(path);
  }
});

test('a root that is moved away and replaced is watched at its new directory', async (t) => {
  const path = join(temporaryDirectory(t), 'volume');
  await swap(path);
  await swap(`${path}-next`);
  const { waitFor, waitForSwap } = await watching(t, [path]);
  await waitFor('change', () => {
    renameSync(path, `${path}-old`);
    renameSync(`${path}-next`, path);
  });
  await waitForSwap(path);
});

test('the re-check finds a mount over the root, which inotify does not report', async (t) => {
  const path = temporaryDirectory(t);
  await swap(path);
  const { reasons, troubles, until, waitForSwap } = await watching(t, [path], { recheckMs: 300 });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'none', path]);
  if (mounted.status !== 0) return t.skip('needs root to mount a file system');
  try {
    await until(() => troubles.length > 0, 'trouble');
    assert.deepEqual(troubles, [
      `watching ${path} failed: it was replaced by another directory, which is now watched [LG_SOURCE_WATCH]`,
    ]);
    await waitForSwap(path);
    assert.ok(reasons.includes('recheck'));
  } finally {
    spawnSync('umount', ['-l', path]);
  }
});

test('the re-check needs no event', async (t) => {
  const { waitFor } = await watching(t, [temporaryDirectory(t)], { recheckMs: 50 });
  for (let count = 0; count < 3; count++) await waitFor('recheck');
});

test('50 volumes, trailing slashes and a path that is a link are watched', async (t) => {
  const paths = Array.from({ length: 50 }, () => temporaryDirectory(t));
  const link = join(temporaryDirectory(t), 'link');
  symlinkSync(paths[0] ?? '', link);
  const { waitFor, source } = await watching(t, [
    ...paths.slice(1).map((path) => `${path}/`),
    link,
  ]);
  for (const path of paths) await waitFor('swap', () => swap(path));
  await source.close();
});

test('a link that is changed to another directory is followed without a finding', async (t) => {
  const base = temporaryDirectory(t);
  for (const name of ['one', 'two']) await swap(join(base, name));
  symlinkSync('one', join(base, 'current'));
  const { waitFor, troubles, waitForSwap } = await watching(t, [join(base, 'current')]);
  await waitFor('change', () => {
    symlinkSync('two', join(base, 'next'));
    renameSync(join(base, 'next'), join(base, 'current'));
  });
  await waitForSwap(join(base, 'two'));
  assert.deepEqual(troubles, []);
});

test('after close nothing is reported', async (t) => {
  const path = temporaryDirectory(t);
  const { source, reasons } = await watching(t, [path], { recheckMs: 10 });
  const other = await watching(t, [path], { recheckMs: 150 });
  await Promise.all([source.close(), source.close()]);
  const count = reasons.length;
  // By the time that another source has reported it, this one would have.
  await other.waitFor('change', () => swap(path));
  await other.waitFor('recheck');
  assert.equal(reasons.length, count);
});

test('nothing keeps the process alive after close, not even when it comes before ready', (t) => {
  const path = temporaryDirectory(t);
  for (const ready of ['await source.ready;', '']) {
    const script = `
      import { watchVolumes } from ${JSON.stringify(join(import.meta.dirname, 'source.ts'))};
      import { systemClock as clock } from ${JSON.stringify(join(import.meta.dirname, '../model/clock.ts'))};
      const paths = [${JSON.stringify(path)}, ${JSON.stringify(join(path, 'none'))}];
      const volumes = paths.map((each) => ({ path: each, include: ['**'], exclude: [] }));
      const source = watchVolumes({ volumes, settleMs: 5_000, clock, onChange: () => {} });
      ${ready}
      await source.close();
      console.log('closed');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: DEADLINE_MS,
    });
    assert.deepEqual([child.stdout, child.stderr, child.status], ['closed\n', '', 0]);
  }
});

test('a file that is left out counts for nothing, however it is written', async (t) => {
  const path = temporaryDirectory(t);
  mkdirSync(join(path, 'sub'));
  const volumes = [{ path, include: ['**/*.yaml'], exclude: ['logs'] }];
  const { waitFor, reasons } = await watching(t, [], { volumes });
  const count = reasons.length;
  mkdirSync(join(path, 'logs'));
  for (const name of ['state', 'sub/state', 'logs/a.yaml']) {
    writeFileSync(join(path, name), '1');
    writeFileSync(join(path, `${name}~`), '2');
    renameSync(join(path, `${name}~`), join(path, name));
  }
  rmSync(join(path, 'sub/state'));
  // Events come in their order, so this one shows that the others have come.
  await waitFor('change', () => writeFileSync(join(path, 'sub/a.yaml'), '1'));
  assert.deepEqual(reasons.slice(count), ['change']);
  // A new directory may contain what counts.
  await waitFor('change', () => mkdirSync(join(path, 'new')));
  await waitFor('change', () => writeFileSync(join(path, 'new/a.yaml'), '1'));
});

test('P3 a change settles while a file that is left out never does', async (t) => {
  const path = temporaryDirectory(t);
  const volumes = [{ path, include: ['**'], exclude: ['noise'] }];
  let sleeps = 0;
  const sleep: Clock['sleep'] = (ms, signal) => {
    sleeps += 1;
    return patientClock.sleep(ms, signal);
  };
  const clock = { ...patientClock, sleep };
  const { waitFor } = await watching(t, [], { volumes, settleMs: 900, clock });
  const noise = setInterval(() => writeFileSync(join(path, 'noise'), `${Date.now()}`), 100);
  t.after(() => clearInterval(noise));
  sleeps = 0;
  await waitFor('change', () => writeFileSync(join(path, 'a.yaml'), '1'));
  // If it counted, the wait would go on ten times.
  assert.ok(sleeps < 5, `${sleeps} sleeps`);
});

test('a link above the volume may turn at any time: it is seen at once, and without a message', async (t) => {
  const dir = temporaryDirectory(t);
  for (const commit of ['1', '2', '3']) {
    mkdirSync(join(dir, `worktrees/${commit}/conf/sub`), { recursive: true });
    writeFileSync(join(dir, `worktrees/${commit}/conf/a.yaml`), commit);
  }
  symlinkSync('worktrees/1', join(dir, 'current'));
  const { waitFor, troubles } = await watching(t, [join(dir, 'current/conf')]);
  for (const commit of ['2', '3']) {
    await waitFor('change', () => {
      symlinkSync(`worktrees/${commit}`, join(dir, 'next'));
      renameSync(join(dir, 'next'), join(dir, 'current'));
    });
  }
  // The new watch may itself cause a change or two, when it is set.
  for (const text of ['1', '2', '3'])
    await waitFor('change', () => writeFileSync(join(dir, 'worktrees/3/conf/sub/b.yaml'), text));
  assert.deepEqual(troubles, []);
});

test('a directory that someone fills costs one watch and little memory', async (t) => {
  const path = temporaryDirectory(t);
  execFileSync('bash', ['-c', 'cd "$0" && seq 20000 | xargs touch', path]);
  const before = heapUsed();
  const { waitFor } = await watching(t, [path]);
  await waitFor('change', () => writeFileSync(join(path, 'more'), '1'));
  // With the garbage counted, it depends on when the last collection was.
  assert.ok(heapUsed() - before < 8 * 2 ** 20);
});

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}
