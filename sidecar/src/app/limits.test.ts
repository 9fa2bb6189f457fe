import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLimits } from './limits.ts';

const GROUP = { '/proc/self/cgroup': '0::/\n' };
const OLD_GROUP = {
  '/proc/self/cgroup': '4:memory:/kubepods/pod1/a\n3:cpu,cpuacct:/kubepods/pod1/a\n',
};

function warnings(files: Readonly<Record<string, string>>): string[] {
  return checkLimits((path) => files[path]).map(({ message }) => message);
}

function withLimits(memory: string, cpu: string): Record<string, string> {
  return { ...GROUP, '/sys/fs/cgroup/memory.max': memory, '/sys/fs/cgroup/cpu.max': cpu };
}

test('limits below what was measured are a warning at the start, and no others', () => {
  assert.deepEqual(warnings(withLimits('33554432\n', '5000 100000\n')), [
    'the memory limit of 32Mi is below the 64Mi that lastgood was measured with',
    'the CPU limit of 50m is below the 100m that lastgood was measured with',
  ]);
  assert.deepEqual(warnings(withLimits('67108864\n', '10000 100000\n')), []);
  assert.deepEqual(warnings(withLimits('max\n', 'max 100000\n')), []);
  assert.deepEqual(warnings({}), []);
});

test('so they are with version 1 of control groups', () => {
  const limits = (memory: string, cpu: string) => ({
    ...OLD_GROUP,
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': memory,
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': cpu,
  });
  assert.deepEqual(warnings(limits('9223372036854771712\n', '-1\n')), []);
  assert.equal(warnings(limits('33554432\n', '2000\n')).length, 2);
});
