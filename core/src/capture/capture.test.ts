import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { systemClock } from '../model/clock.ts';
import {
  capturerOf,
  findingsIn,
  kubeletVolume,
  snapshotIn,
  textsIn,
  volumeAt,
} from './capture.testing.ts';
import { captureDirectory } from './capture.ts';

test('a kubelet volume is captured with nested paths, dotfiles, bytes and modes', async (t) => {
  const { path, writer } = kubeletVolume(t);
  await writer.write({
    'config.yaml': { bytes: 'a: 1\n' },
    'model/deep/weights.txt': { bytes: Buffer.from([0, 255, 1]), mode: 0o440 },
    '.hidden': { bytes: '' },
  });
  const snapshot = snapshotIn(await capturerOf([volumeAt(path)])());
  assert.deepEqual(
    snapshot.files.map((file) => [file.path, file.mode, file.bytes.toString('latin1')]),
    [
      ['.hidden', 0o644, ''],
      ['config.yaml', 0o644, 'a: 1\n'],
      ['model/deep/weights.txt', 0o440, '\0\xff\x01'],
    ],
  );
  assert.equal(snapshot.sizeBytes, 8);
  assert.equal(snapshot.writtenAtMs, Math.floor(lstatSync(join(path, '..data')).mtimeMs));
  assert.ok(Object.isFrozen(snapshot) && Object.isFrozen(snapshot.files));
  assert.ok(snapshot.files.every((file) => Object.isFrozen(file)));
});

test('a plain directory is captured without names that start with two dots, and again after an edit', async (t) => {
  const path = temporaryDirectory(t);
  mkdirSync(join(path, 'conf.d'));
  mkdirSync(join(path, '..2024_01_01'));
  writeFileSync(join(path, '..2024_01_01', 'no'), 'no');
  writeFileSync(join(path, 'conf.d', 'a.conf'), 'one');
  const capture = capturerOf([volumeAt(path)]);
  assert.deepEqual(textsIn(snapshotIn(await capture())), { 'conf.d/a.conf': 'one' });
  writeFileSync(join(path, 'conf.d', 'a.conf'), 'two');
  const edited = snapshotIn(await capture());
  assert.deepEqual(textsIn(edited), { 'conf.d/a.conf': 'two' });
  const { mtimeMs } = lstatSync(join(path, 'conf.d', 'a.conf'));
  assert.equal(edited.writtenAtMs, Math.floor(mtimeMs));
});

test('the version is SHA-256 over path, NUL, digest and line feed, in the order of UTF-8', async (t) => {
  // UTF-16 would put the last one before the middle one: it begins with a surrogate, 0xd83d.
  const texts = { 'a.yaml': '1', '\uff01.yaml': '2', '\u{1f600}.yaml': '3' };
  const { path, write } = kubeletVolume(t);
  await write(texts);
  const digest = (text: string) => createHash('sha256').update(text).digest('hex');
  const content = Object.entries(texts)
    .map(([name, text]) => `${name}\0${digest(text)}\n`)
    .join('');
  const versionKey = Buffer.alloc(32, 7);
  const open = snapshotIn(await capturerOf([volumeAt(path)])());
  const sealed = snapshotIn(await capturerOf([volumeAt(path, { secret: true })], { versionKey })());
  assert.equal(open.version, `sha256:${digest(content)}`);
  const hmac = createHmac('sha256', versionKey).update(content).digest('hex');
  assert.equal(sealed.version, `sha256:${hmac}`, 'P8: no digest that could be guessed');
  assert.deepEqual(
    open.files.map((file) => file.path),
    Object.keys(texts),
  );
});

test('the same content has the same version in another volume, at other times, with other modes', async (t) => {
  const [one, two] = [kubeletVolume(t), kubeletVolume(t)];
  await one.writer.write({ 'a.yaml': { bytes: 'a' }, 'b/c.yaml': { bytes: 'b' } });
  await two.writer.write({ 'b/c.yaml': { bytes: 'b', mode: 0o400 }, 'a.yaml': { bytes: 'a' } });
  const versions = await Promise.all(
    [one, two].map(async ({ path }) => snapshotIn(await capturerOf([volumeAt(path)])()).version),
  );
  assert.equal(versions[0], versions[1]);
});

test('a file that did not change is the same object, and with a new mode has the same bytes', async (t) => {
  const { path, writer } = kubeletVolume(t);
  const large = Buffer.alloc(400_000, 'x');
  const capture = capturerOf([volumeAt(path)]);
  const write = (a: string, mode: number) =>
    writer.write({ a: { bytes: a }, empty: { bytes: '' }, large: { bytes: large, mode } });
  await write('1', 0o644);
  const first = snapshotIn(await capture());
  await write('2', 0o644);
  const second = snapshotIn(await capture());
  assert.deepEqual(
    second.files.map((file, index) => file === first.files[index]),
    [false, true, true],
  );
  await write('3', 0o600);
  const third = snapshotIn(await capture());
  assert.equal(third.files[2]?.mode, 0o600);
  assert.equal(third.files[2]?.bytes, first.files[2]?.bytes);
  const again = snapshotIn(await capture());
  assert.equal(again, third);
});

test('a change anywhere in a file larger than a buffer is found', async (t) => {
  const { path, writer } = kubeletVolume(t);
  const capture = capturerOf([volumeAt(path)]);
  const bytes = Buffer.alloc(400_000, 'x');
  for (const at of [0, 131_071, 131_072, 262_144, 399_999]) {
    bytes[at] = 121;
    await writer.write({ large: { bytes } });
    const file = snapshotIn(await capture()).files[0];
    assert.ok(file?.bytes.equals(bytes), `byte ${at}`);
    assert.equal(file?.sha256, createHash('sha256').update(bytes).digest('hex'));
  }
  for (const length of [400_001, 399_000, 131_072, 0]) {
    await writer.write({ large: { bytes: Buffer.alloc(length, 'x') } });
    assert.deepEqual(snapshotIn(await capture()).files[0]?.bytes, Buffer.alloc(length, 'x'));
  }
});

test('include and exclude choose by the path inside the volume; at puts it into the snapshot', async (t) => {
  const { path, write } = kubeletVolume(t);
  await write({ 'a.yaml': 'a', '.b.yaml': 'b', 'sub/c.yaml': 'c', 'sub/d.txt': 'd', 'old/e': 'e' });
  const paths = async (include: string[], exclude: string[]) =>
    Object.keys(
      textsIn(snapshotIn(await capturerOf([volumeAt(path, { at: 'db', include, exclude })])())),
    );
  assert.deepEqual(await paths(['**/*.yaml'], []), ['db/.b.yaml', 'db/a.yaml', 'db/sub/c.yaml']);
  assert.deepEqual(await paths(['**'], ['sub/**', 'old']), ['db/.b.yaml', 'db/a.yaml']);
});

test('volumes become one snapshot; secret ones mark their files', async (t) => {
  const [model, db] = [kubeletVolume(t), kubeletVolume(t)];
  await model.write({ 'config.yaml': 'a' });
  await db.write({ password: 'p' });
  const capture = capturerOf([volumeAt(model.path), volumeAt(db.path, { at: 'db', secret: true })]);
  assert.deepEqual(
    snapshotIn(await capture()).files.map(({ path, secret }) => [path, secret]),
    [
      ['config.yaml', false],
      ['db/password', true],
    ],
  );
});

test('two volumes with one path collide, also where one has a file and one a directory', async (t) => {
  const [one, two] = [kubeletVolume(t), kubeletVolume(t)];
  await one.write({ 'a.yaml': '1', sub: 'file' });
  await two.write({ 'a.yaml': '1', 'sub/b.yaml': '2' });
  assert.deepEqual(
    findingsIn(await capturerOf([volumeAt(one.path), volumeAt(two.path)])()).map((each) =>
      each.replace(/: .*\[/, ' '),
    ),
    ['a.yaml LG_CAPTURE_COLLISION]', 'sub LG_CAPTURE_COLLISION]'],
  );
});

test('missing and empty volumes have their own findings, and are captured once they have files', async (t) => {
  const { path, write } = kubeletVolume(t);
  const missing = join(path, 'none', 'deeper');
  const both = capturerOf([volumeAt(path), volumeAt(missing)]);
  assert.deepEqual(findingsIn(await both()), [
    `the volume ${missing} does not exist [LG_CAPTURE_MISSING]`,
  ]);
  const capture = capturerOf([volumeAt(path)]);
  assert.match(
    findingsIn(await capture()).join(),
    /^the volumes .* no files \[LG_CAPTURE_EMPTY\]$/,
  );
  await write({ 'a.yaml': '1' });
  assert.deepEqual(textsIn(snapshotIn(await capture())), { 'a.yaml': '1' });
});

test('a volume whose path is a link, and links that stay in it, are followed', async (t) => {
  const path = temporaryDirectory(t);
  mkdirSync(join(path, 'real/sub'), { recursive: true });
  writeFileSync(join(path, 'real/sub/a.yaml'), 'a');
  symlinkSync('sub', join(path, 'real/again'));
  symlinkSync('sub/a.yaml', join(path, 'real/a.yaml'));
  symlinkSync('real', join(path, 'link'));
  assert.deepEqual(textsIn(snapshotIn(await capturerOf([volumeAt(join(path, 'link'))])())), {
    'a.yaml': 'a',
    'again/a.yaml': 'a',
    'sub/a.yaml': 'a',
  });
});

test('a file may have a name that ends like the mark of the kernel for removed files', async (t) => {
  const path = join(temporaryDirectory(t), 'a (deleted)');
  writeFileSync(path, 'a');
  assert.deepEqual(textsIn(snapshotIn(await capturerOf([volumeAt(path)])())), {
    'a (deleted)': 'a',
  });
});

test('a chmod alone makes no new version, but the snapshot has the new mode', async (t) => {
  const path = temporaryDirectory(t);
  writeFileSync(join(path, 'a'), 'a', { mode: 0o644 });
  const capture = capturerOf([volumeAt(path)]);
  const before = snapshotIn(await capture());
  chmodSync(join(path, 'a'), 0o600);
  const after = snapshotIn(await capture());
  assert.deepEqual([after.version, after.files[0]?.mode], [before.version, 0o600]);
});

test('a command may be given a relative path', async (t) => {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, 'a.yaml'), 'a: 1\n');
  for (const path of [relative('', dir), `${relative('', dir)}/`]) {
    const captured = await captureDirectory(path, { clock: systemClock });
    assert.ok(captured.ok, JSON.stringify(captured));
  }
});
