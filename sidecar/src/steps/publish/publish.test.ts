import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import {
  generation,
  layoutNames,
  publishedVersion,
  seenByName,
  snapshotWith,
} from './publish.testing.ts';
import {
  PUBLISH_STEPS,
  type PublishStep,
  preparePublished,
  publish,
  sealOlder,
} from './publish.ts';
import { snapshotNames } from './published-root.ts';

const isRoot = process.getuid?.() === 0;

/** 2026-01-02T03:04:05Z, and never later. */
const stopped: Clock = { ...systemClock, wallMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) };

function optionsFor(dir: string, history = 10) {
  return { dir, history, clock: systemClock };
}

async function isPublishFailed(attempt: Promise<void>): Promise<LastgoodError> {
  const error = await attempt.then(
    () => assert.fail('it was published'),
    (reason) => reason,
  );
  assert.ok(error instanceof LastgoodError);
  assert.equal(error.code, 'LG_PUBLISH_FAILED');
  return error;
}

test('a snapshot is published in the layout of the kubelet', async (t) => {
  const dir = temporaryDirectory(t);
  const snapshot = snapshotWith({ 'a.yaml': 'a', 'sub/deep/b.yaml': 'b' });
  await publish(snapshot, { dir, history: 1, clock: stopped });
  const name = `..2026_01_02_03_04_05.${snapshot.version.slice(7, 19)}`;
  assert.deepEqual(layoutNames(dir), [name, '..data']);
  assert.equal(readlinkSync(join(dir, '..data')), name);
  assert.equal(readlinkSync(join(dir, 'a.yaml')), '..data/a.yaml');
  assert.equal(readlinkSync(join(dir, 'sub')), '..data/sub');
  assert.deepEqual(seenByName(dir), { 'a.yaml': 'a', 'sub/deep/b.yaml': 'b' });
  assert.equal(await publishedVersion(dir), snapshot.version);
});

test('files keep the modes of the volume whatever the umask is; the sidecar can read all back', async (t) => {
  const dir = temporaryDirectory(t);
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  await publish(
    snapshotWith({
      open: { bytes: '', mode: 0o664 },
      group: { bytes: '', mode: 0o040 },
      'sub/run': { bytes: '', mode: 0o755 },
    }),
    optionsFor(dir),
  );
  const modeOf = (path: string) => statSync(join(dir, path)).mode & 0o7777;
  assert.deepEqual(
    ['open', 'group', 'sub/run', 'sub', '..data'].map(modeOf),
    [0o664, 0o440, 0o755, 0o755, 0o755],
  );
});

test('files belong to the group of a setgid directory, as fsGroup makes it', {
  skip: isRoot ? false : 'only root can give a directory to another group',
}, async (t) => {
  const dir = temporaryDirectory(t);
  chownSync(dir, 0, 4321);
  chmodSync(dir, 0o2775);
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  await publish(snapshotWith({ 'sub/a': { bytes: 'a', mode: 0o640 } }), optionsFor(dir));
  for (const path of ['..data/', 'sub', 'sub/a']) {
    assert.equal(statSync(join(dir, path)).gid, 4321, path);
  }
  assert.equal(statSync(join(dir, 'sub')).mode & 0o7777, 0o2755);
});

test('names come and go with the snapshot, a file becomes a directory, other names stay', async (t) => {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, 'notes.txt'), 'of a person');
  symlinkSync('notes.txt', join(dir, 'link-of-a-person'));
  await publish(snapshotWith({ a: '1', b: '1' }), optionsFor(dir));
  await publish(snapshotWith({ 'b/..nested': '2', '.c': '2' }), optionsFor(dir));
  assert.deepEqual(seenByName(dir), {
    'b/..nested': '2',
    '.c': '2',
    'notes.txt': 'of a person',
    'link-of-a-person': 'of a person',
  });
});

test('a foreign file or link with a top-level name is replaced', async (t) => {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, 'a'), 'baked into the image');
  symlinkSync('/etc/hostname', join(dir, 'b'));
  await publish(snapshotWith({ a: '1', b: '1' }), optionsFor(dir));
  assert.deepEqual(seenByName(dir), { a: '1', b: '1' });
});

test('a foreign directory with a top-level name fails the publish, and nothing changes', async (t) => {
  const dir = temporaryDirectory(t);
  await publish(snapshotWith({ a: '1' }), optionsFor(dir));
  mkdirSync(join(dir, 'b'));
  const before = layoutNames(dir);
  const error = await isPublishFailed(
    publish(snapshotWith({ a: '2', b: '2', c: '2' }), optionsFor(dir)),
  );
  assert.match(error.message, /EISDIR|EEXIST|ENOTEMPTY/);
  assert.deepEqual(seenByName(dir), { a: '1' });
  assert.deepEqual(layoutNames(dir), before);
});

test('history keeps the newest snapshots, within one second and with a clock that goes back too', async (t) => {
  for (const history of [0, 1, 3]) {
    const dir = temporaryDirectory(t);
    const targets: string[] = [];
    for (let count = 1; count <= 8; count++) {
      const wallMs = () => stopped.wallMs() - (count % 2) * 86_400_000;
      await publish(generation(count % 4), { dir, history, clock: { ...stopped, wallMs } });
      targets.push(readlinkSync(join(dir, '..data')));
    }
    assert.equal(new Set(targets).size, 8);
    // An app that has just started takes its version from the end of the name.
    for (const [index, target] of targets.entries())
      assert.equal(target.split('.').at(-1), generation((index + 1) % 4).version.slice(7, 19));
    const kept = [...targets.slice(-1 - history), '..data'].sort();
    assert.deepEqual(layoutNames(dir), kept);
  }
});

test('P8: older snapshots of a secret are removed, or kept for the owner alone', async (t) => {
  for (const keeps of [true, false]) {
    const dir = temporaryDirectory(t);
    for (const count of [1, 2, 3])
      await publish(generation(count), { ...optionsFor(dir), history: 5 });
    const current = readlinkSync(join(dir, '..data'));
    const older = layoutNames(dir).filter((name) => name !== '..data' && name !== current);
    assert.equal(older.length, 2);
    await sealOlder(dir, keeps);
    assert.deepEqual(layoutNames(dir), [...(keeps ? older : []), current, '..data'].sort());
    for (const name of keeps ? older : [])
      assert.equal(statSync(join(dir, name)).mode & 0o777, 0o700);
    assert.equal(statSync(join(dir, current)).mode & 0o777, 0o755);
  }
});

test('steps come in their order, and a failure at any of them before the swap changes nothing', async (t) => {
  const dir = temporaryDirectory(t);
  const seen: PublishStep[] = [];
  await publish(generation(1), { ...optionsFor(dir), onStep: (step) => void seen.push(step) });
  assert.deepEqual(seen, PUBLISH_STEPS);
  const before = layoutNames(dir);
  const names = seenByName(dir);
  for (const failing of PUBLISH_STEPS.slice(0, PUBLISH_STEPS.indexOf('swap') + 1)) {
    const onStep = (step: PublishStep) => {
      if (step === failing) throw new Error(`no ${step}`);
    };
    const error = await isPublishFailed(publish(generation(2), { ...optionsFor(dir), onStep }));
    assert.match(error.message, new RegExp(`no ${failing}$`));
    assert.equal((error.cause as Error).message, `no ${failing}`);
    assert.deepEqual(layoutNames(dir), before, failing);
    assert.deepEqual(seenByName(dir), names, failing);
  }
});

test('a path out of the directory and an empty snapshot are not published', async (t) => {
  const dir = temporaryDirectory(t);
  for (const path of ['../out', 'a/../../out', '/etc/out', 'a//b', '..data', 'a/..', '.', '']) {
    await isPublishFailed(publish(snapshotWith({ [path]: 'x' }), optionsFor(dir)));
  }
  await isPublishFailed(publish(snapshotWith({}), optionsFor(dir)));
  assert.deepEqual(layoutNames(dir), []);
});

test('a directory that is missing or not writable is reported', async (t) => {
  const dir = temporaryDirectory(t);
  const missing = await isPublishFailed(publish(generation(1), optionsFor(join(dir, 'none'))));
  assert.match(missing.message, /none failed: ENOENT$/);
  await publish(generation(1), optionsFor(dir));
  chmodSync(dir, isRoot ? 0o755 : 0o555);
  const script = `
    import { preparePublished, publish } from ${JSON.stringify(join(import.meta.dirname, 'publish.ts'))};
    import { generation } from ${JSON.stringify(join(import.meta.dirname, 'publish.testing.ts'))};
    const options = { dir: ${JSON.stringify(dir)}, history: 1, clock: { wallMs: Date.now } };
    for (const attempt of [() => preparePublished(options.dir), () => publish(generation(2), options)])
      await attempt().then(() => console.log('done'), (error) => console.log(error.message));`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    ...(isRoot ? { uid: 65534, gid: 65534 } : {}),
  });
  chmodSync(dir, 0o755);
  const message = `writing to the published directory ${dir} failed: EACCES\n`;
  assert.equal(child.stdout + child.stderr, message.repeat(2));
  assert.equal(await publishedVersion(dir), generation(1).version);
});

/** A file system of 256 KiB; undefined where this machine cannot mount. */
function smallDisk(t: TestContext): string | undefined {
  const dir = join(temporaryDirectory(t), 'small');
  mkdirSync(dir);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', dir]);
  if (mounted.status !== 0) return undefined;
  return dir;
}

test('a full disk fails the publish, and the published snapshot remains', async (t) => {
  const dir = smallDisk(t);
  if (dir === undefined) return t.skip('needs root to mount a small file system');
  try {
    const options = optionsFor(dir, 0);
    await publish(snapshotWith({ a: 'x'.repeat(100_000) }), options);
    const before = layoutNames(dir);
    const tooLarge = snapshotWith({ a: 'y'.repeat(100_000), b: 'y'.repeat(90_000) });
    const error = await isPublishFailed(publish(tooLarge, options));
    assert.match(error.message, /ENOSPC$/);
    assert.deepEqual(layoutNames(dir), before);
    assert.deepEqual(seenByName(dir), { a: 'x'.repeat(100_000) });
    await publish(snapshotWith({ a: 'z'.repeat(100_000) }), options);
    assert.deepEqual(seenByName(dir), { a: 'z'.repeat(100_000) });
  } finally {
    spawnSync('umount', [dir]);
  }
});

test('history is removed before a full disk fails a publish', async (t) => {
  const dir = smallDisk(t);
  if (dir === undefined) return t.skip('needs root to mount a small file system');
  try {
    for (const letter of 'abcdef')
      await publish(snapshotWith({ a: letter.repeat(50_000) }), optionsFor(dir, 10));
    assert.deepEqual(seenByName(dir), { a: 'f'.repeat(50_000) });
    assert.ok(snapshotNames(layoutNames(dir)).length < 'abcdef'.length);
  } finally {
    spawnSync('umount', [dir]);
  }
});

test('a disk that fails after the swap is reported, and the swap remains', async (t) => {
  const dir = join(temporaryDirectory(t), 'live');
  mkdirSync(dir);
  const troubles: string[] = [];
  const onProblem = (finding: Finding) => troubles.push(finding.code);
  const onStep = (step: PublishStep) => {
    if (step === 'sync-root') renameSync(dir, `${dir}-gone`);
  };
  await publish(snapshotWith({ a: '1' }), { ...optionsFor(dir), onStep, onProblem });
  assert.deepEqual(troubles, ['LG_PUBLISH_FAILED']);
  assert.deepEqual(seenByName(`${dir}-gone`), { a: '1' });
});

test('preparing creates the directory, removes leftovers, repairs links, and keeps the published snapshot', async (t) => {
  const dir = join(temporaryDirectory(t), 'made/for/us');
  await preparePublished(dir);
  assert.deepEqual(layoutNames(dir), []);
  await publish(generation(1), optionsFor(dir));
  await publish(generation(2), optionsFor(dir));
  const before = layoutNames(dir);
  const names = seenByName(dir);
  const half = '..2026_01_02_03_04_05.0123456789ab';
  mkdirSync(join(dir, half, 'sub'), { recursive: true });
  writeFileSync(join(dir, half, 'sub/half'), 'half');
  symlinkSync(half, join(dir, '..data_tmp'));
  mkdirSync(join(dir, '..2026_01_02_03_04_05.ba9876543210'));
  symlinkSync('..data/new.yaml', join(dir, 'new.yaml'));
  unlinkSync(join(dir, 'a.yaml'));
  await preparePublished(dir);
  assert.deepEqual(layoutNames(dir), before);
  assert.deepEqual(seenByName(dir), names);
  assert.ok(lstatSync(join(dir, 'a.yaml')).isSymbolicLink());
});

test('a foreign ..data_tmp is removed, and its target is not', async (t) => {
  const dir = temporaryDirectory(t);
  mkdirSync(join(dir, 'precious'));
  writeFileSync(join(dir, 'precious/file'), 'kept');
  symlinkSync('precious', join(dir, '..data_tmp'));
  await publish(generation(1), optionsFor(dir));
  await preparePublished(dir);
  assert.equal(seenByName(dir)['precious/file'], 'kept');
});
