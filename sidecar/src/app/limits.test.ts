import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLimits } from './limits.ts';

const GROUP = { '/proc/self/cgroup': '0::/\n' };
const OLD_GROUP = {
  '/proc/self/cgroup': '4:memory:/kubepods/pod1/a\n3:cpu,cpuacct:/kubepods/pod1/a\n',
};

/** Of a container: an overlay, and a file of the kubelet on a partition. */
const MOUNTS = `100 90 0:50 / / rw - overlay overlay rw
101 100 259:1 /var/lib/kubelet/pods/a/etc-hosts /etc/hosts rw - ext4 /dev/nvme0n1p1 rw
102 100 7:1 / /etc/hosts/other rw - ext4 /dev/loop1 rw
`;

function warnings(files: Readonly<Record<string, string>>): string[] {
  return checkLimits((path) => files[path]).map(({ message }) => message);
}

function withLimits(memory: string, cpu: string): Record<string, string> {
  return { ...GROUP, '/sys/fs/cgroup/memory.max': memory, '/sys/fs/cgroup/cpu.max': cpu };
}

function withReadAhead(memoryMib: number, aheadKib: number): Record<string, string> {
  return {
    ...withLimits(String(memoryMib * 2 ** 20), 'max 100000\n'),
    '/proc/self/mountinfo': MOUNTS,
    '/sys/dev/block/259:1/../queue/read_ahead_kb': `${aheadKib}\n`,
    '/sys/dev/block/7:1/queue/read_ahead_kb': '99999\n',
  };
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

test('a node whose disk reads far ahead needs more memory for a cold start', () => {
  assert.deepEqual(warnings(withReadAhead(64, 8192)), [
    'the memory limit of 64Mi, on a node whose disk reads 8192Ki ahead, is below the 96Mi that lastgood was measured with',
  ]);
  assert.equal(warnings(withReadAhead(79, 4096)).length, 1);
  for (const [memoryMib, aheadKib] of [
    [96, 8192],
    [80, 4096],
    [64, 1024],
    [64, 128],
  ] as const)
    assert.deepEqual(warnings(withReadAhead(memoryMib, aheadKib)), []);
});

test('in the image, which has the kernel read Node in small pieces, it does not', () => {
  const line = '7f0c-7f0d r-xp 00000000 259:1 59 /usr/local/lib/lastgood/small-reads.so\n';
  const inImage = (memoryMib: number) =>
    warnings({ ...withReadAhead(memoryMib, 8192), '/proc/self/maps': line });
  assert.deepEqual(inImage(64), []);
  assert.deepEqual(inImage(63), [
    'the memory limit of 63Mi is below the 64Mi that lastgood was measured with',
  ]);
});
