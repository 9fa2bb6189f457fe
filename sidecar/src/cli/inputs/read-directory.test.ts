import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { mountsOf, skip } from '@lastgood/core/source/mounts.testing.ts';
import { AtomicWriter } from '../../../../test/kubelet/atomic-writer.ts';
import { inferFromPaths } from '../schema/infer/infer-from-paths.ts';
import { readDirectory } from './read-directory.ts';

const INFER = { keys: false, closed: false, secret: false, format: 'auto' } as const;

for (const layout of ['tree', 'volume'] as const) {
  test(`a ${layout} is read through a link that leads out of the mount around the link`, {
    skip,
  }, async (t) => {
    const { dir, mount } = mountsOf(t);
    const [links, target] = [join(dir, 'links'), join(dir, 'target')];
    for (const path of [links, target]) mkdirSync(path);
    mount('-t', 'tmpfs', 'none', links);
    if (layout === 'tree') writeFileSync(join(target, 'a.yaml'), 'a: 1\n');
    else await new AtomicWriter(target).write({ 'a.yaml': { bytes: 'a: 1\n' } });
    symlinkSync(target, join(links, 'named'));
    const named = join(links, 'named');
    const { snapshot, findings } = await readDirectory(named, {
      clock: systemClock,
      secret: false,
    });
    assert.deepEqual([snapshot?.files.map(({ path }) => path), findings], [['a.yaml'], []]);
    const inferred = await inferFromPaths({ ...INFER, paths: [named] });
    assert.deepEqual([inferred.schemas.length, inferred.findings], [1, []]);
  });
}

test('a finding about a directory behind a link has the path that was named', async (t) => {
  const { dir } = mountsOf(t);
  mkdirSync(join(dir, 'target'));
  symlinkSync('/etc', join(dir, 'target/..data'));
  symlinkSync('target', join(dir, 'named'));
  const { findings } = await readDirectory(join(dir, 'named'), {
    clock: systemClock,
    secret: false,
  });
  assert.deepEqual(
    findings.map(({ location }) => location?.file),
    [join(dir, 'named/..data')],
  );
});
