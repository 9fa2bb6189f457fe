import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { AtomicWriter } from '../../../test/kubelet/atomic-writer.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { capturerOf, snapshotIn, textsIn, volumeAt } from '../capture/capture.testing.ts';
import { resolveSymlinks } from '../fs/resolve-symlinks.ts';
import { gatedClock, swap, watching } from './source.testing.ts';

/** As an editor saves: a new file that is renamed over the old one. */
function saveByRename(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}

/** The path of a file in a new directory. */
function fileIn(t: TestContext, text = 'old'): string {
  const path = join(temporaryDirectory(t), 'config.yaml');
  writeFileSync(path, text);
  return path;
}

test('P3 every edit, replacement, removal and return of a file is noticed', async (t) => {
  const path = fileIn(t);
  const { waitFor, troubles } = await watching(t, [path]);
  for (let count = 0; count < 3; count++) {
    await waitFor('change', () => writeFileSync(path, `${count}`));
    await waitFor('change', () => saveByRename(path, `new ${count}`));
    await waitFor('change', () => chmodSync(path, 0o600 + count));
    await waitFor('change', () => rmSync(path));
    await waitFor('change', () => writeFileSync(path, 'back'));
  }
  assert.deepEqual(troubles, []);
});

test('changes of the neighbours of a file are ignored', async (t) => {
  const path = fileIn(t);
  const { waitFor, reasons } = await watching(t, [path]);
  const directory = await watching(t, [dirname(path)]);
  // By the time that the directory has changed, the file would have.
  await directory.waitFor('change', () => {
    for (const name of ['neighbour', 'config.yam', 'config.yaml~'])
      writeFileSync(join(dirname(path), name), 'x');
  });
  assert.deepEqual(reasons, ['start']);
  await waitFor('change', () => writeFileSync(path, 'x'));
});

test('P3 each of 100 swaps is noticed for a file in a kubelet volume, whatever its depth', async (t) => {
  const dir = temporaryDirectory(t);
  const writer = new AtomicWriter(dir);
  const write = (bytes: string) =>
    writer.write({ 'config.yaml': { bytes }, 'sub/deep.yaml': { bytes } });
  await write('first');
  for (const name of ['config.yaml', 'sub/deep.yaml']) {
    const { waitFor, reasons, source } = await watching(t, [join(dir, name)]);
    for (let count = 0; count < 100; count++)
      await waitFor('swap', () => write(`${name} ${count}`));
    assert.deepEqual([...new Set(reasons)], ['start', 'swap']);
    await source.close();
  }
});

test('a file whose directory does not exist yet is noticed when it appears, and when that is replaced', async (t) => {
  const base = join(temporaryDirectory(t), 'agent');
  const path = join(base, 'secrets/config.yaml');
  const { waitFor, troubles } = await watching(t, [path]);
  for (let count = 0; count < 2; count++) {
    await waitFor('change', () => {
      mkdirSync(join(base, 'secrets'), { recursive: true });
      writeFileSync(path, 'first');
    });
    await waitFor('change', () => writeFileSync(path, 'second'));
    await waitFor('change', () => rmSync(base, { recursive: true }));
  }
  // The directory may come back before the watch has followed its removal: that is a replacement.
  for (const trouble of troubles)
    assert.match(trouble, /replaced by another directory, which is now/);
});

test('a directory may become a file, and a file a directory', async (t) => {
  const path = join(temporaryDirectory(t), 'config');
  const { waitFor, waitForSwap } = await watching(t, [path]);
  await waitFor('change', () => writeFileSync(path, 'a file'));
  await waitFor('change', () => saveByRename(path, 'another file'));
  await waitFor('change', () => {
    rmSync(path);
    mkdirSync(path);
  });
  await waitForSwap(path);
  await waitFor('change', () => {
    rmSync(path, { recursive: true });
    writeFileSync(path, 'a file again');
  });
  await waitFor('change', () => saveByRename(path, 'and another'));
});

test('links to a file are followed: a new target, and what is written to the new target', async (t) => {
  const dir = temporaryDirectory(t);
  for (const name of ['one', 'two']) {
    mkdirSync(join(dir, name));
    writeFileSync(join(dir, name, 'app.yaml'), name);
  }
  symlinkSync('one', join(dir, 'current'));
  symlinkSync('current/app.yaml', join(dir, 'app.yaml'));
  const { waitFor, troubles } = await watching(t, [join(dir, 'app.yaml')]);
  await waitFor('change', () => appendFileSync(join(dir, 'one/app.yaml'), '!'));
  await waitFor('change', () => {
    symlinkSync('two', join(dir, 'next'));
    renameSync(join(dir, 'next'), join(dir, 'current'));
  });
  // The following watch may report the first of them; from then on it is set.
  for (let count = 0; count < 3; count++) {
    await waitFor('change', () => appendFileSync(join(dir, 'two/app.yaml'), '!'));
  }
  assert.deepEqual(troubles, []);
});

test('resolving a path finds the names that decide where it leads, and nothing behind ..data', async (t) => {
  const dir = temporaryDirectory(t);
  await new AtomicWriter(join(dir, 'volume')).write({ 'sub/a': { bytes: '1' } });
  symlinkSync('loop', join(dir, 'loop'));
  const route = async (path: string) => {
    const { names, endsAt } = await resolveSymlinks(join(dir, path));
    const shown = [...names].map(([at, inside]) => `${at.slice(dir.length)}: ${[...inside]}`);
    return [endsAt, ...shown];
  };
  assert.deepEqual(await route('volume/sub/a'), ['file', '/volume: sub,..data']);
  assert.deepEqual(await route('volume/..data/sub/a'), ['file', '/volume: ..data']);
  assert.deepEqual(await route('volume/sub/b'), ['nothing', '/volume: sub,..data']);
  assert.deepEqual(await route('volume'), ['directory']);
  assert.deepEqual(await route('none/at/all'), ['nothing', ': none']);
  assert.deepEqual(await route('loop/a'), ['nothing', ': loop']);
});

test('P3 after 1000 writes in place, a millisecond apart, the last content is captured', async (t) => {
  const path = fileIn(t);
  const capture = capturerOf([volumeAt(path)]);
  const { until, reasons } = await watching(t, [path]);
  const script = `
    import { openSync, writeSync } from 'node:fs';
    const held = new Int32Array(new SharedArrayBuffer(4));
    const fd = openSync(${JSON.stringify(path)}, 'r+');
    for (let count = 1; count <= 1000; count++) {
      // One call: on a busy machine any pause between two of them can be longer than any quiet.
      writeSync(fd, String(count).padStart(8, '0').repeat(100), 0);
      Atomics.wait(held, 0, 0, 1);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  let text: string | undefined = 'old';
  for (let seen = reasons.length; text !== '00001000'.repeat(100); seen += 1) {
    await until(() => reasons.length > seen, `change after ${text?.slice(0, 8)}`);
    const captured = await capture();
    if (!captured.ok) continue;
    text = textsIn(captured.snapshot)['config.yaml'];
    assert.match(text ?? '', /^old$|^(\d{8})\1{99}$/, 'half a file');
  }
  assert.deepEqual(await ended, [0, null]);
});

test('files that are written one after the other within the idle time are one snapshot', async (t) => {
  const dir = temporaryDirectory(t);
  const capture = capturerOf([volumeAt(dir)]);
  const snapshots: Record<string, string>[] = [];
  const { clock, hold } = gatedClock();
  const { waitFor, reasons } = await watching(t, [dir], { clock });
  const names = ['db', 'api', 'tls'];
  for (const generation of ['1', '2']) {
    // The idle time does not end between two of them, however long this machine takes.
    const write = async () => {
      for (const name of names) {
        saveByRename(join(dir, name), `${name} ${generation}`);
        await pause(20);
      }
    };
    await waitFor('change', () => hold(write));
    snapshots.push(textsIn(snapshotIn(await capture())));
  }
  assert.deepEqual(reasons, ['start', 'change', 'change']);
  assert.deepEqual(
    snapshots.map((texts) => Object.values(texts)),
    ['1', '2'].map((generation) => names.toSorted().map((name) => `${name} ${generation}`)),
  );
  // A late one causes another call, and so does a new mode.
  await waitFor('change', () => saveByRename(join(dir, 'late'), 'late'));
  await waitFor('change', () => chmodSync(join(dir, 'late'), 0o400));
  assert.equal(snapshotIn(await capture()).files.find(({ path }) => path === 'late')?.mode, 0o400);
  assert.deepEqual([...new Set(reasons)], ['start', 'change']);
});

test('a re-check does not interrupt the wait of a settling volume', async (t) => {
  const dir = temporaryDirectory(t);
  const options = { settleMs: 400, recheckMs: 50 };
  const { reasons, calledAtMs, waitFor, until } = await watching(t, [dir], options);
  await until(() => reasons.includes('recheck'), 'recheck');
  await waitFor('change', () => writeFileSync(join(dir, 'a'), '1'));
  const [beforeMs = 0, changeMs = 0] = calledAtMs.slice(-2);
  assert.ok(changeMs - beforeMs >= 400, `${reasons}: ${changeMs - beforeMs} ms apart`);
  // After that, the re-checks go on as before.
  await waitFor('recheck');
  await waitFor('swap', () => swap(dir));
  assert.equal(readFileSync(join(dir, 'a'), 'utf8'), '1');
});
