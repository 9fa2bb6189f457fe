import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { capturerOf, snapshotIn, textsIn, volumeAt } from '../capture/capture.testing.ts';
import { watchDirectories } from './directory-watcher.ts';
import { mountsOf, skip } from './mounts.testing.ts';
import { gatedClock, swap, watching } from './source.testing.ts';
import { watchVolume } from './volume-watcher.ts';

const REPLACED = (path: string) =>
  `watching ${path} failed: it was replaced by another directory, which is now watched [LG_SOURCE_WATCH]`;

for (const path of ['directory', 'file/config.yaml', 'link', 'deep']) {
  for (const gapMs of [0, 30]) {
    test(`a mount for ${path} that is remounted at once is watched again, although it looks the same (after ${gapMs} ms)`, {
      skip,
    }, async (t) => {
      const { dir, mount, unmount } = mountsOf(t);
      const mountPoint = join(dir, path === 'deep' ? 'deep/sub' : (path.split('/')[0] ?? ''));
      const prepare = () => {
        mount('-t', 'tmpfs', 'none', mountPoint);
        if (path === 'link') symlinkSync('../target', join(mountPoint, 'config'));
      };
      mkdirSync(mountPoint, { recursive: true });
      mkdirSync(join(dir, 'target'));
      mkdirSync(join(dir, 'other'));
      prepare();
      writeFileSync(join(mountPoint, 'config.yaml'), 'old');
      const { clock, hold } = gatedClock();
      const root = path === 'link' ? join(mountPoint, 'config') : join(dir, path);
      // Finds a mount that still exists in the mount namespace of another process: that causes no event.
      const recheckMs = 2_000;
      const { waitFor } = await watching(t, [root], { clock, recheckMs });
      for (let round = 0; round < 3; round++) {
        await waitFor('change', () =>
          hold(async () => {
            await unmount(mountPoint);
            // In the gap the unmount event arrives; the next mount reuses the numbers of the old one.
            if (gapMs > 0) await pause(gapMs);
            prepare();
          }),
        );
        // The watch may be replaced after that call, which causes another one.
        for (let count = 0; count < 3; count++) {
          await waitFor('change', () => {
            if (path !== 'link') return writeFileSync(join(mountPoint, 'config.yaml'), `${count}`);
            symlinkSync(`../${count % 2 === 0 ? 'other' : 'target'}`, join(mountPoint, 'next'));
            renameSync(join(mountPoint, 'next'), join(mountPoint, 'config'));
          });
        }
      }
    });
  }
}

test('a watch that was set on the directory below a mount point is replaced', {
  skip,
}, async (t) => {
  const { dir, mount } = mountsOf(t);
  mount('-t', 'tmpfs', 'none', dir);
  const path = join(dir, 'volume');
  mkdirSync(path);
  mount('-t', 'tmpfs', 'none', path);
  let isFirst = true;
  const { waitFor, until, reasons } = await watching(t, [path], {
    watch: (paths, onSet) => {
      if (!isFirst) return watchDirectories(paths, onSet);
      isFirst = false;
      spawnSync('umount', ['-l', path]);
      const watcher = watchDirectories(paths, onSet);
      // The next mount has the numbers of the one that was found.
      watcher.on('ready', () => mount('-t', 'tmpfs', 'none', path));
      return watcher;
    },
  });
  await until(() => reasons.includes('change'), 'change after the new watch');
  for (let count = 0; count < 3; count++) {
    await waitFor('change', () => writeFileSync(join(path, 'config.yaml'), `${count}`));
  }
});

test('a mount over a volume of the kubelet is reported, although it comes during a check', {
  skip,
}, async (t) => {
  const { dir, mount } = mountsOf(t);
  await swap(dir);
  const replaced = Promise.withResolvers<void>();
  const watcher = watchVolume({
    root: dir,
    filter: { includes: () => true, skips: () => false },
    onSwap: () => {},
    onChange: () => void watcher.refresh(),
    onBroken: () => {},
    onRestored: () => {},
    onReplaced: replaced.resolve,
  });
  t.after(() => watcher.close());
  await watcher.ready;
  void watcher.refresh();
  mount('-t', 'tmpfs', 'none', dir);
  await replaced.promise;
});

test('a mount that is remounted during a check is checked again after it', {
  skip,
}, async (t) => {
  const { dir, mount } = mountsOf(t);
  const path = join(dir, 'volume');
  mkdirSync(path);
  mount('-t', 'tmpfs', 'none', path);
  let opened = 0;
  const reopened = Promise.withResolvers<void>();
  const watcher = watchVolume({
    root: path,
    filter: { includes: () => true, skips: () => false },
    onSwap: () => {},
    // The event of the unmount arrives while the first check still runs.
    onChange: () => void watcher.refresh(),
    onBroken: () => {},
    onRestored: () => {},
    onReplaced: () => {},
    watch: (paths, onSet) => {
      opened += 1;
      if (opened === 2) reopened.resolve();
      return watchDirectories(paths, onSet);
    },
  });
  t.after(() => watcher.close());
  await watcher.ready;
  const checked = watcher.refresh();
  spawnSync('umount', ['-l', path]);
  mount('-t', 'tmpfs', 'none', path);
  await checked;
  // The refresh of the event, which is the next in turn.
  await reopened.promise;
});

test('a root that is remounted later is reported once each time, and found by the re-check', {
  skip,
}, async (t) => {
  const { dir, mount, unmount } = mountsOf(t);
  const path = join(dir, 'volume');
  mkdirSync(path);
  mount('-t', 'tmpfs', 'none', path);
  const { troubles, until, waitForSwap, waitFor } = await watching(t, [path], {
    recheckMs: 200,
  });
  await unmount(path);
  await until(() => troubles.length === 1, 'trouble');
  mount('-t', 'tmpfs', 'none', path);
  await until(() => troubles.length === 2, 'trouble');
  await waitForSwap(path);
  for (let count = 0; count < 3; count++) await waitFor('recheck');
  assert.deepEqual(troubles, [REPLACED(path), REPLACED(path)]);
});

test('a root that is renamed and replaced is reported once and followed, as a directory and as a file', async (t) => {
  const { dir } = mountsOf(t);
  for (const name of ['volume', 'next']) {
    mkdirSync(join(dir, name));
    writeFileSync(join(dir, name, 'config.yaml'), name);
  }
  const paths = [join(dir, 'volume'), join(dir, 'volume/config.yaml')];
  const { clock, hold } = gatedClock();
  // No re-check looks between the two renames, and finds nothing there.
  const { waitFor, troubles, until } = await hold(async () => {
    const watched = await watching(t, paths, { recheckMs: 200, clock });
    renameSync(join(dir, 'volume'), join(dir, 'old'));
    renameSync(join(dir, 'next'), join(dir, 'volume'));
    return watched;
  });
  await until(() => troubles.length >= 2, 'trouble');
  for (let count = 0; count < 3; count++) {
    await waitFor('change', () => writeFileSync(join(dir, 'volume/config.yaml'), `${count}`));
    await waitFor('recheck');
  }
  assert.deepEqual(troubles.toSorted(), paths.map(REPLACED));
});

for (const layers of ['of one file system', 'of two file systems']) {
  test(`overlayfs ${layers}: changes of files of the lower layer are noticed and captured`, {
    skip,
  }, async (t) => {
    const { dir, mount } = mountsOf(t);
    const at = (name: string) => join(dir, name);
    for (const name of ['lower', 'upper', 'merged']) mkdirSync(at(name));
    if (layers === 'of two file systems') mount('-t', 'tmpfs', 'none', at('upper'));
    for (const name of ['upper/up', 'upper/work', 'lower/conf', 'lower/conf/sub'])
      mkdirSync(at(name));
    for (const name of ['a', 'b', 'sub/c']) writeFileSync(at(`lower/conf/${name}`), 'image');
    const layout = `lowerdir=${at('lower')},upperdir=${at('upper/up')},workdir=${at('upper/work')}`;
    mount('-t', 'overlay', 'overlay', '-o', layout, at('merged'));
    const conf = at('merged/conf');
    const { waitFor, reasons, troubles, until } = await watching(t, [conf, join(conf, 'b')], {
      recheckMs: 150,
    });
    const capture = capturerOf([volumeAt(conf), volumeAt(join(conf, 'b'), { at: 'one' })]);
    const captured = async () => textsIn(snapshotIn(await capture()));
    assert.equal((await captured())['one/b'], 'image');
    await waitFor('change', () => writeFileSync(join(conf, 'a'), 'copied up'));
    await waitFor('change', () => writeFileSync(join(conf, 'b'), 'copied up'));
    await waitFor('change', () => writeFileSync(join(conf, 'sub/c'), 'copied up'));
    writeFileSync(join(conf, 'new'), 'new');
    await waitFor('change', () => renameSync(join(conf, 'new'), join(conf, 'b')));
    await waitFor('change', () => rmSync(join(conf, 'a')));
    const texts = { b: 'new', 'one/b': 'new', 'sub/c': 'copied up' };
    assert.deepEqual(await captured(), texts);
    // An event may still be on its way; after it, only the re-check calls.
    const before = reasons.length;
    const isQuiet = () => /(,recheck){4}$/.test(`,${reasons.slice(before)}`);
    await until(isQuiet, 'four re-checks in a row');
    assert.deepEqual(await captured(), texts);
    assert.deepEqual(troubles, []);
  });
}

test('each swap on the host is noticed in a kubelet volume that is mounted from there', {
  skip,
}, async (t) => {
  const { dir, mount } = mountsOf(t);
  for (const name of ['host', 'container']) mkdirSync(join(dir, name));
  mount('--bind', join(dir, 'host'), join(dir, 'container'));
  const { waitFor, warnings } = await watching(t, [join(dir, 'container')]);
  for (let count = 0; count < 20; count++) await waitFor('swap', () => swap(join(dir, 'host')));
  assert.deepEqual(warnings, []);
});
