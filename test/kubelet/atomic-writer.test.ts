import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { AtomicWriter, stepsOf, WRITE_STEPS, type WriteStep } from './atomic-writer.ts';
import { VolumeRefusal } from './refusal.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const file = (bytes: string, mode?: number) => (mode === undefined ? { bytes } : { bytes, mode });
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

describe('a first write', () => {
  test('leads every name through ..data to a directory named after the UTC time', async (t) => {
    const dir = join(temporaryDirectory(t), 'volume');
    const now = () => new Date('2026-01-02T03:04:05.678Z');
    const writer = new AtomicWriter(dir, { now, random: () => 0.5 });
    assert.equal(await writer.write({ 'config.yaml': file('a: 1\n'), '.hidden': file('h') }), true);
    assert.deepEqual(readdirSync(dir).sort(), [
      '..2026_01_02_03_04_05.2147483648',
      '..data',
      '.hidden',
      'config.yaml',
    ]);
    assert.equal(readlinkSync(join(dir, '..data')), '..2026_01_02_03_04_05.2147483648');
    assert.equal(readlinkSync(join(dir, 'config.yaml')), '..data/config.yaml');
    assert.equal(readFileSync(join(dir, 'config.yaml'), 'utf8'), 'a: 1\n');
  });

  test('makes one link for all nested paths of one directory', async (t) => {
    const dir = temporaryDirectory(t);
    await new AtomicWriter(dir).write({
      'model/a.yaml': file('a'),
      './model//b/c.yaml': file('c'),
    });
    assert.equal(readlinkSync(join(dir, 'model')), '..data/model');
    assert.equal(readFileSync(join(dir, 'model/b/c.yaml'), 'utf8'), 'c');
  });

  test('of nothing gives an empty volume that fills later', async (t) => {
    const dir = temporaryDirectory(t);
    const writer = new AtomicWriter(dir);
    assert.equal(await writer.write({}), true);
    assert.deepEqual(readdirSync(join(dir, '..data')), []);
    assert.equal(await writer.write({}), false);
    assert.equal(await writer.write({ a: file('1') }), true);
    assert.equal(readFileSync(join(dir, 'a'), 'utf8'), '1');
  });
});

describe('an update', () => {
  for (const order of ['new', 'old'] as const) {
    test(`of the ${order} kubelet swaps the content and leaves one directory`, async (t) => {
      const dir = temporaryDirectory(t);
      const writer = new AtomicWriter(dir, { order });
      await writer.write({ kept: file('1'), gone: file('1'), 'd/gone': file('1') });
      const before = readlinkSync(join(dir, '..data'));
      assert.equal(await writer.write({ kept: file('2'), added: file('2') }), true);
      const after = readlinkSync(join(dir, '..data'));
      assert.notEqual(after, before);
      assert.deepEqual(readdirSync(dir).sort(), [after, '..data', 'added', 'kept'].sort());
      assert.equal(readFileSync(join(dir, 'kept'), 'utf8'), '2');
    });

    test(`of the ${order} kubelet writes nothing when the content is the same`, async (t) => {
      const dir = temporaryDirectory(t);
      const steps: WriteStep[] = [];
      const payload = { a: file('1'), 'b/c': file('2', 0o600) };
      await new AtomicWriter(dir, { order }).write(payload);
      const before = statSync(dir).mtimeMs;
      const onStep = (step: WriteStep) => void steps.push(step);
      // The mode alone is no reason for the real one either.
      const same = { ...payload, a: file('1', 0o400) };
      assert.equal(await new AtomicWriter(dir, { order, onStep }).write(same), false);
      assert.deepEqual([statSync(dir).mtimeMs, steps], [before, []]);
    });

    test(`of the ${order} kubelet happens when a nested path alone is gone`, async (t) => {
      const dir = temporaryDirectory(t);
      const writer = new AtomicWriter(dir, { order });
      await writer.write({ 'd/a': file('1'), 'd/b': file('1') });
      assert.equal(await writer.write({ 'd/a': file('1') }), true);
      assert.deepEqual(readdirSync(join(dir, 'd')), ['a']);
    });
  }

  test('finds another directory name when two updates draw the same digits', async (t) => {
    const dir = temporaryDirectory(t);
    const draws = [0.1, 0.1, 0.2];
    const now = () => new Date(0);
    const writer = new AtomicWriter(dir, { now, random: () => draws.shift() ?? 0.3 });
    await writer.write({ a: file('1') });
    await writer.write({ a: file('2') });
    assert.equal(readlinkSync(join(dir, '..data')), '..1970_01_01_00_00_00.858993459');
  });

  test('is complete when the call returns, unless the test pauses its steps', (t) => {
    const dir = temporaryDirectory(t);
    void new AtomicWriter(dir).write({ a: file('1') });
    assert.equal(readFileSync(join(dir, 'a'), 'utf8'), '1');
  });
});

describe('modes', () => {
  test('are 0644 unless the file has its own, whatever the umask is', async (t) => {
    const dir = temporaryDirectory(t);
    const umask = process.umask(0o077);
    try {
      await new AtomicWriter(join(dir, 'v')).write({ a: file('1'), b: file('1', 0o440) });
    } finally {
      process.umask(umask);
    }
    assert.deepEqual([modeOf(join(dir, 'v/a')), modeOf(join(dir, 'v/b'))], ['644', '440']);
    assert.deepEqual([modeOf(join(dir, 'v')), modeOf(join(dir, 'v/..data'))], ['777', '755']);
  });

  for (const order of ['new', 'old'] as const) {
    test(`with an fsGroup let the group in, on each update of the ${order} kubelet`, async (t) => {
      const dir = join(temporaryDirectory(t), 'v');
      const fsGroup = process.getuid?.() === 0 ? 2_345 : (process.getgid?.() ?? 0);
      const writer = new AtomicWriter(dir, { order, fsGroup });
      for (const text of ['1', '2']) {
        await writer.write({ a: file(text, 0o400), 'd/b': file(text, 0o600) });
        assert.deepEqual([modeOf(join(dir, 'a')), modeOf(join(dir, 'd/b'))], ['440', '640']);
        assert.deepEqual([modeOf(dir), modeOf(join(dir, '..data'))], ['2777', '2755']);
        assert.deepEqual([statSync(join(dir, 'a')).gid, lstatSync(dir).gid], [fsGroup, fsGroup]);
      }
    });
  }

  test('with an fsGroup come before the swap from the new kubelet, after from the old', () => {
    const before = (order: 'new' | 'old') => {
      const steps = stepsOf(order);
      return steps.indexOf('set-ownership') < steps.indexOf('rename-data');
    };
    assert.deepEqual([before('new'), before('old')], [true, false]);
  });
});

describe('a test', () => {
  test('sees every step before it happens, in the order of that kubelet', async (t) => {
    for (const order of ['new', 'old'] as const) {
      const steps: WriteStep[] = [];
      const onStep = (step: WriteStep) => void steps.push(step);
      const dir = temporaryDirectory(t);
      await new AtomicWriter(dir, { order, onStep }).write({ a: file('1') });
      assert.deepEqual(steps, stepsOf(order));
      assert.deepEqual(steps.toSorted(), WRITE_STEPS.toSorted());
    }
  });

  test('can pause the kubelet between two steps and read the directory', async (t) => {
    const dir = temporaryDirectory(t);
    const reached = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    await new AtomicWriter(dir).write({ a: file('1') });
    const onStep = async (step: WriteStep) => {
      if (step !== 'link-names') return;
      reached.resolve();
      await go.promise;
    };
    const update = new AtomicWriter(dir, { onStep }).write({ a: file('2'), b: file('2') });
    await reached.promise;
    assert.equal(readFileSync(join(dir, 'a'), 'utf8'), '2');
    assert.equal(existsSync(join(dir, 'b')), false);
    go.resolve();
    await update;
    assert.equal(readFileSync(join(dir, 'b'), 'utf8'), '2');
  });
});

/** A volume in which an update crashed before `at`. */
async function crashed(dir: string, at: WriteStep, order: 'new' | 'old' = 'new'): Promise<void> {
  await new AtomicWriter(dir, { order }).write({ a: file('1'), old: file('1') });
  const onStep = (step: WriteStep) => {
    if (step === at) throw new Error('crash');
  };
  const writer = new AtomicWriter(dir, { order, onStep });
  await assert.rejects(writer.write({ a: file('2'), b: file('2') }), /crash/);
}

describe('after a crash', () => {
  test('between swap and links the new kubelet links the missing name', async (t) => {
    const dir = temporaryDirectory(t);
    await crashed(dir, 'link-names');
    assert.equal(existsSync(join(dir, 'b')), false);
    assert.equal(await new AtomicWriter(dir).write({ a: file('2'), b: file('2') }), false);
    assert.equal(readFileSync(join(dir, 'b'), 'utf8'), '2');
  });

  test('between links and swap the old kubelet has links that lead nowhere', async (t) => {
    const dir = temporaryDirectory(t);
    await crashed(dir, 'rename-data', 'old');
    assert.equal(readlinkSync(join(dir, 'b')), '..data/b');
    assert.equal(existsSync(join(dir, 'b')), false);
    assert.equal(readFileSync(join(dir, 'a'), 'utf8'), '1');
  });

  test('a leftover ..data_tmp makes each later write fail, and leaves nothing more', async (t) => {
    const dir = temporaryDirectory(t);
    await crashed(dir, 'rename-data');
    const before = readdirSync(dir);
    const again = new AtomicWriter(dir).write({ a: file('3') });
    await assert.rejects(again, { code: 'EEXIST' });
    assert.deepEqual(readdirSync(dir), before);
  });

  test('before the links of gone names are removed, they stay for good', async (t) => {
    const dir = temporaryDirectory(t);
    await crashed(dir, 'unlink-names');
    await new AtomicWriter(dir).write({ a: file('3'), b: file('3') });
    assert.equal(readlinkSync(join(dir, 'old')), '..data/old');
  });
});

describe('refused', () => {
  const refused = [
    '',
    '/abs',
    '../up',
    'a/../b',
    '..two',
    '..',
    'n'.repeat(256),
    'a/'.repeat(2049),
  ];
  for (const path of refused) {
    test(`is the path ${JSON.stringify(path.slice(0, 20))}`, async (t) => {
      const dir = temporaryDirectory(t);
      const write = new AtomicWriter(dir).write({ [path]: file('1') });
      await assert.rejects(write, VolumeRefusal);
      assert.deepEqual(readdirSync(dir), []);
    });
  }

  test('is a file that became a directory, as by the real one', async (t) => {
    const dir = temporaryDirectory(t);
    await new AtomicWriter(dir).write({ a: file('1') });
    await assert.rejects(new AtomicWriter(dir).write({ 'a/b': file('1') }), { code: 'ENOTDIR' });
  });

  test('only a link to a directory is replaced', async (t) => {
    const dir = temporaryDirectory(t);
    writeFileSync(join(dir, '..data'), 'mine');
    await assert.rejects(new AtomicWriter(dir).write({ a: file('1') }), { code: 'EINVAL' });
    assert.equal(readFileSync(join(dir, '..data'), 'utf8'), 'mine');
  });
});
