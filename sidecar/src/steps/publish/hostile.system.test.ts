/** Another container can write into the published directory, and plants links there. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { asyncFs } from '@lastgood/core/fs/fs-adapter.ts';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { startSwapping } from '../../../../test/kubelet/swap-attacker.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { removeTree } from '../../io/fs/remove-tree.ts';
import { generation, seenByName } from './publish.testing.ts';
import { preparePublished, publish, sealOlder } from './publish.ts';

/** A published directory, and another one that no call may change. */
function stage(t: TestContext) {
  const dir = temporaryDirectory(t);
  const victim = temporaryDirectory(t);
  mkdirSync(join(victim, 'sub'));
  for (const path of ['precious', 'sub/precious']) writeFileSync(join(victim, path), 'kept');
  const isUnharmed = () =>
    assert.deepEqual(readdirSync(victim, { recursive: true }).sort(), [
      'precious',
      'sub',
      'sub/precious',
    ]);
  return { dir, victim, isUnharmed, options: { dir, history: 1, clock: systemClock } };
}

const OURS = '..2026_01_02_03_04_05.0123456789ab';

test('P9 a link with the name of an unfinished snapshot is removed, and its target is not', async (t) => {
  const { dir, victim, isUnharmed, options } = stage(t);
  const plant = () => {
    symlinkSync(victim, join(dir, OURS));
    symlinkSync(OURS, join(dir, '..data_tmp'));
  };
  plant();
  await preparePublished(dir);
  isUnharmed();
  plant();
  await publish(generation(1), options);
  isUnharmed();
  assert.ok(!existsSync(join(dir, OURS)));
});

test('P9 links inside an old snapshot are removed, and their targets are not', async (t) => {
  const { dir, victim, isUnharmed, options } = stage(t);
  mkdirSync(join(dir, OURS));
  symlinkSync(victim, join(dir, OURS, 'sub'));
  await publish(generation(1), { ...options, history: 0 });
  isUnharmed();
  assert.ok(!existsSync(join(dir, OURS)));
});

test('P9 a directory that becomes a link while it is removed leads nowhere else', async (t) => {
  const { dir, victim, isUnharmed } = stage(t);
  const end = await startSwapping(t, join(dir, OURS), victim);
  for (let round = 0; round < 60; round++) {
    // The attacker may hold either name, or both.
    for (const name of [OURS, `${OURS}~`]) {
      try {
        mkdirSync(join(dir, name, 'sub'), { recursive: true });
        writeFileSync(join(dir, name, 'precious'), 'ours');
        writeFileSync(join(dir, name, 'sub/precious'), 'ours');
      } catch {
        // It has just become a link, or vanished.
      }
    }
    const parent = { at: (name: string) => join(dir, name) };
    await removeTree(parent, OURS, asyncFs).catch(() => {});
    isUnharmed();
  }
  await end();
});

test('P9 a new snapshot that becomes a link while it is written is not written elsewhere', async (t) => {
  const { dir, victim, isUnharmed, options } = stage(t);
  let planted = 0;
  const onStep = async (step: string) => {
    if (step !== 'write' && step !== 'sync') return;
    const name = readlinkSync(join(dir, '..data_tmp'));
    await asyncFs.rename(join(dir, name), join(dir, `moved-${planted}`));
    symlinkSync(victim, join(dir, name));
    planted += 1;
  };
  await publish(generation(1), { ...options, onStep }).catch(() => {});
  assert.ok(planted > 0);
  isUnharmed();
});

test('..data that leads out of the published directory brings no name of its target in', async (t) => {
  const { dir, victim, isUnharmed, options } = stage(t);
  symlinkSync(victim, join(dir, '..data'));
  await preparePublished(dir);
  assert.deepEqual(readdirSync(dir), ['..data']);
  await publish(generation(1), options);
  assert.deepEqual(Object.keys(seenByName(dir)).sort(), [
    'a.yaml',
    'only-1.yaml',
    'sub/deep/b.yaml',
  ]);
  isUnharmed();
});

test('a FIFO or a directory in place of a temporary link is removed', async (t) => {
  const { dir, options } = stage(t);
  mkdirSync(join(dir, '..link_tmp/sub'), { recursive: true });
  execFileSync('mkfifo', [join(dir, '..data_tmp'), join(dir, 'a.yaml'), join(dir, OURS)]);
  await publish(generation(1), options);
  assert.equal(seenByName(dir)['a.yaml'], seenByName(dir)['sub/deep/b.yaml']);
});

test('a published directory that someone fills is refused, and not read to its end', async (t) => {
  const { dir, options } = stage(t);
  execFileSync('bash', ['-c', `cd ${dir} && seq 20000 | xargs touch`]);
  await assert.rejects(publish(generation(1), options), {
    code: 'LG_PUBLISH_FAILED',
    message: /it has more than 16384 entries$/,
  });
});

test('a snapshot that someone fills is removed, however many entries it has', async (t) => {
  const { dir, options } = stage(t);
  mkdirSync(join(dir, OURS));
  execFileSync('bash', ['-c', `cd ${dir}/${OURS} && seq 5000 | xargs touch`]);
  await publish(generation(1), { ...options, history: 0 });
  assert.ok(!existsSync(join(dir, OURS)));
});

test('P4 a link in place of a directory of lastgood itself is not followed', async (t) => {
  const { dir, victim, isUnharmed, options } = stage(t);
  const own = { ...options, dir: join(dir, '..dry-run'), isOwn: true };
  symlinkSync(victim, own.dir);
  const refused = { code: 'LG_PUBLISH_FAILED', message: /ENOTDIR|ELOOP/ };
  await assert.rejects(preparePublished(own.dir, true), refused);
  await assert.rejects(publish(generation(1), own), refused);
  isUnharmed();
});

test('P9 a snapshot that becomes a link while it is hidden changes no other mode', async (t) => {
  const { dir, victim, options } = stage(t);
  await publish(generation(1), options);
  mkdirSync(join(dir, OURS));
  chmodSync(victim, 0o755);
  const end = await startSwapping(t, join(dir, OURS), victim);
  for (let round = 0; round < 100; round++) await sealOlder(dir, true);
  await end();
  assert.equal(statSync(victim).mode & 0o777, 0o755);
});
