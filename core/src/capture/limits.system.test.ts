import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import {
  capturerOf,
  findingsIn,
  kubeletVolume,
  snapshotIn,
  textsIn,
  volumeAt,
} from './capture.testing.ts';

const isRoot = process.getuid?.() === 0;
const UNPRIVILEGED_ID = 65534;

test('a FIFO, a socket and a link to a device do not hang the capture, and are all reported', async (t) => {
  const path = temporaryDirectory(t);
  execFileSync('mkfifo', [join(path, 'config.yaml')]);
  const server = createServer().listen(join(path, 'sock'));
  await once(server, 'listening');
  t.after(() => server.close());
  symlinkSync('/dev/zero', join(path, 'zero'));
  writeFileSync(join(path, 'good.yaml'), 'a');
  const findings = findingsIn(await capturerOf([volumeAt(path)])());
  assert.deepEqual(findings.toSorted(), [
    'config.yaml: is a FIFO, not a regular file [LG_CAPTURE_KIND]',
    'sock: is a socket, not a regular file [LG_CAPTURE_KIND]',
    'zero: is a link whose target is missing or outside the volume [LG_CAPTURE_OUTSIDE]',
  ]);
  const exclude = ['config.yaml', 'sock', 'zero'];
  const rest = await capturerOf([volumeAt(path, { exclude })])();
  assert.deepEqual(textsIn(snapshotIn(rest)), { 'good.yaml': 'a' });
});

test('a device is not a file', {
  skip: isRoot ? false : 'only root can make a device',
}, async (t) => {
  const path = temporaryDirectory(t);
  execFileSync('mknod', [join(path, 'null'), 'c', '1', '3']);
  assert.deepEqual(findingsIn(await capturerOf([volumeAt(path)])()), [
    'null: is a device, not a regular file [LG_CAPTURE_KIND]',
  ]);
});

test('links that leave the volume or lead nowhere are reported', async (t) => {
  const path = temporaryDirectory(t);
  mkdirSync(join(path, 'volume'));
  mkdirSync(join(path, 'volume2'));
  writeFileSync(join(path, 'secret'), 's');
  writeFileSync(join(path, 'volume2/secret'), 's');
  const links = {
    absolute: join(path, 'secret'),
    'directory-out': '../volume2',
    loop: 'loop',
    nowhere: 'none',
    'relative-out': '../secret',
    'through-a-link': 'directory-out/secret',
  };
  for (const [name, target] of Object.entries(links))
    symlinkSync(target, join(path, 'volume', name));
  const findings = findingsIn(await capturerOf([volumeAt(join(path, 'volume'))])());
  assert.deepEqual(findings.map((each) => each.split(':')[0]).toSorted(), Object.keys(links));
  assert.ok(findings.every((each) => each.endsWith('[LG_CAPTURE_OUTSIDE]')));
});

test('a ..data that leads out of the volume is not followed', async (t) => {
  const path = temporaryDirectory(t);
  mkdirSync(join(path, 'volume'));
  mkdirSync(join(path, 'elsewhere'));
  symlinkSync('../elsewhere', join(path, 'volume/..data'));
  assert.match(
    findingsIn(await capturerOf([volumeAt(join(path, 'volume'))])()).join(),
    /\.\.data: is a link whose target is missing or outside .*\[LG_CAPTURE_OUTSIDE\]$/,
  );
});

test('every unreadable file is reported, not only the first one', (t) => {
  const path = temporaryDirectory(t);
  chmodSync(path, 0o755);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(path, name), name);
  mkdirSync(join(path, 'closed'), { mode: 0o700 });
  chmodSync(join(path, 'a'), 0);
  chmodSync(join(path, 'c'), 0);
  if (!isRoot) chmodSync(join(path, 'closed'), 0);
  // Root may read all of them, so another user tries.
  const script = `
    import { capturerOf, findingsIn, volumeAt } from ${JSON.stringify(join(import.meta.dirname, 'capture.testing.ts'))};
    const findings = [];
    for (const path of ${JSON.stringify([path, join(path, 'closed')])})
      findings.push(...findingsIn(await capturerOf([volumeAt(path)])()));
    console.log(JSON.stringify(findings));`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    ...(isRoot ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID } : {}),
  });
  if (!isRoot) chmodSync(join(path, 'closed'), 0o700);
  assert.equal(child.stderr, '');
  assert.deepEqual(JSON.parse(child.stdout).toSorted(), [
    `${path}/closed: cannot be read: EACCES [LG_CAPTURE_UNREADABLE]`,
    'a: cannot be read: EACCES [LG_CAPTURE_UNREADABLE]',
    'c: cannot be read: EACCES [LG_CAPTURE_UNREADABLE]',
    'closed: cannot be read: EACCES [LG_CAPTURE_UNREADABLE]',
  ]);
});

test('a directory where a file was is simply a directory', async (t) => {
  const path = temporaryDirectory(t);
  writeFileSync(join(path, 'config'), 'a');
  const capture = capturerOf([volumeAt(path)]);
  snapshotIn(await capture());
  rmSync(join(path, 'config'));
  mkdirSync(join(path, 'config'));
  writeFileSync(join(path, 'config/nested'), 'a');
  assert.deepEqual(textsIn(snapshotIn(await capture())), { 'config/nested': 'a' });
});

test('maxSize holds for all volumes together; what is left out does not count', async (t) => {
  const [one, two] = [kubeletVolume(t), kubeletVolume(t)];
  await one.write({ a: 'x'.repeat(600), 'big.bin': 'x'.repeat(9_000) });
  await two.write({ b: 'x'.repeat(424) });
  const volumes = [volumeAt(one.path, { exclude: ['*.bin'] }), volumeAt(two.path)];
  assert.equal(snapshotIn(await capturerOf(volumes, { maxSizeBytes: 1024 })()).sizeBytes, 1024);
  assert.deepEqual(findingsIn(await capturerOf(volumes, { maxSizeBytes: 1023 })()), [
    'the snapshot is larger than maxSize, 1023 bytes [LG_CAPTURE_TOO_LARGE]',
  ]);
  await one.write({ a: 'x'.repeat(600), c: 'x' });
  assert.deepEqual(findingsIn(await capturerOf(volumes, { maxSizeBytes: 1024 })()), [
    'the snapshot is larger than maxSize, 1Ki [LG_CAPTURE_TOO_LARGE]',
  ]);
});

test('a file of 100 GiB is refused by its size, without being read', async (t) => {
  const path = temporaryDirectory(t);
  execFileSync('truncate', ['-s', '100G', join(path, 'huge')]);
  assert.match(findingsIn(await capturerOf([volumeAt(path)])()).join(), /LG_CAPTURE_TOO_LARGE/);
});

test('more than 4096 files are too many, also if links multiply the directories', async (t) => {
  const path = temporaryDirectory(t);
  for (let count = 0; count < 4096; count++) writeFileSync(join(path, `${count}`), '');
  const capture = capturerOf([volumeAt(path)]);
  assert.equal(snapshotIn(await capture()).files.length, 4096);
  writeFileSync(join(path, 'one-more'), '');
  const message = 'the snapshot has more than 4096 files or directories [LG_CAPTURE_TOO_MANY]';
  assert.deepEqual(findingsIn(await capture()), [message]);
  const loops = temporaryDirectory(t);
  symlinkSync('.', join(loops, 'a'));
  symlinkSync('.', join(loops, 'b'));
  // On a busy machine this takes longer than a capture may by default.
  const patient = capturerOf([volumeAt(loops)], { timeoutMs: 60_000 });
  assert.ok(findingsIn(await patient()).includes(message));
});

test('directories deeper than 16 are too deep', async (t) => {
  const path = temporaryDirectory(t);
  const deep = Array.from({ length: 16 }, (_, index) => `d${index}`).join('/');
  mkdirSync(join(path, deep), { recursive: true });
  writeFileSync(join(path, deep, 'file'), 'a');
  assert.deepEqual(textsIn(snapshotIn(await capturerOf([volumeAt(path)])())), {
    [`${deep}/file`]: 'a',
  });
  mkdirSync(join(path, deep, 'one-more'));
  assert.deepEqual(findingsIn(await capturerOf([volumeAt(path)])()), [
    `${deep}/one-more: directories are nested deeper than 16 [LG_CAPTURE_TOO_DEEP]`,
  ]);
  assert.deepEqual(findingsIn(await capturerOf([volumeAt(path, { at: 'models/bert' })])()), [
    `models/bert/${deep.slice(0, -4)}: directories are nested deeper than 16 [LG_CAPTURE_TOO_DEEP]`,
  ]);
});

test('a name that is not UTF-8 is reported', async (t) => {
  const path = temporaryDirectory(t);
  writeFileSync(Buffer.concat([Buffer.from(`${path}/caf`), Buffer.from([0xe9])]), 'a');
  assert.match(
    findingsIn(await capturerOf([volumeAt(path)])()).join(),
    /its name is not valid UTF-8 \[LG_CAPTURE_UNREADABLE\]$/,
  );
});
