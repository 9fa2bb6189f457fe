import assert from 'node:assert/strict';
import { realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mountsOf, skip } from '@lastgood/core/source/mounts.testing.ts';
import { AtomicWriter } from '../kubelet/atomic-writer.ts';
import { Pod } from './pod.ts';

test('a token that is rotated in a projected volume and excluded rolls out nothing and logs nothing', async (context) => {
  const pod = await Pod.create(context, { volume: { exclude: ['token'] } });
  await pod.startOn({ 'config.yaml': 'a: 1\n', token: 'first' });
  const since = pod.lines.length;
  for (let count = 0; count < 5; count++)
    await pod.write({ 'config.yaml': 'a: 1\n', token: `rotated ${count}` });
  await pod.write({ 'config.yaml': 'a: 2\n', token: 'the last' });
  await pod.outcome('committed', since);
  assert.deepEqual(await pod.published(), { 'config.yaml': 'a: 2\n' });
  // All lines since then are about the one version that differs.
  const rollouts = new Set(pod.lines.slice(since).map(({ rollout }) => rollout));
  assert.equal(rollouts.size, 1);
  assert.deepEqual(
    pod.app.events.map(({ changed }) => changed),
    [['config.yaml']],
  );
});

for (const kind of ['of a volume of the kubelet', 'of a plain directory'])
  test(`one file ${kind} is a volume, and its neighbours are none of its business`, async (context) => {
    const pod = await Pod.create(context);
    const path = join(pod.source, 'config.yaml');
    const write = async (text: string, neighbour: string) => {
      if (kind.includes('kubelet'))
        return pod.write({ 'config.yaml': text, 'other.yaml': neighbour });
      writeFileSync(join(pod.dir, 'config.yaml.tmp'), text);
      renameSync(join(pod.dir, 'config.yaml.tmp'), join(pod.dir, 'config.yaml'));
    };
    pod.bundle.volumes = [{ path: kind.includes('kubelet') ? path : join(pod.dir, 'config.yaml') }];
    await pod.configured();
    await write('a: 1\n', 'b: 1\n');
    pod.start();
    await pod.outcome('committed');
    const since = pod.lines.length;
    await write('a: 1\n', 'b: [\n');
    await write('a: 2\n', 'b: [\n');
    await pod.outcome('committed', since);
    assert.deepEqual(await pod.published(), { 'config.yaml': 'a: 2\n' });
    const end = pod.lines.length;
    await write('a: [\n', 'b: 3\n');
    await pod.outcome('rejected', end);
    assert.deepEqual(await pod.published(), { 'config.yaml': 'a: 2\n' });
  });

test('a file that is mounted by subPath rolls out once, and one line says that it never changes', {
  skip,
}, async (context) => {
  const { dir, mount } = mountsOf(context);
  const source = join(dir, 'volume');
  await new AtomicWriter(source).write({ 'config.yaml': { bytes: 'a: 1\n' } });
  const path = join(dir, 'config.yaml');
  writeFileSync(path, '');
  mount('--bind', realpathSync(join(source, 'config.yaml')), path);
  const pod = await Pod.create(context);
  pod.bundle.volumes = [{ path }];
  await pod.configured();
  pod.start();
  await pod.outcome('committed');
  const { msg, level, hint } = await pod.line(
    ({ code }) => code === 'LG_SOURCE_NEVER_CHANGES',
    'a warning',
  );
  assert.equal(msg, `${path} is mounted by subPath, which never updates [LG_SOURCE_NEVER_CHANGES]`);
  assert.match(`${level} ${hint}`, /^warn mount the whole volume instead/);
  assert.deepEqual(await pod.published(), { 'config.yaml': 'a: 1\n' });
  assert.equal(pod.lines.filter(({ code }) => code === 'LG_SOURCE_NEVER_CHANGES').length, 1);
});
