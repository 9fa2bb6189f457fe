import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Captured } from '@lastgood/core/capture/capture.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { checkLimits, explainTimeouts, type ReadSystemFile } from './starvation.ts';

const TIMEOUT: Captured = {
  ok: false,
  findings: [findingOf('LG_CAPTURE_TIMEOUT', ['10s'], { file: '/source' })],
};

/** The files of a container, by version of its control groups; each read of a list takes its next text. */
function reading(files: Readonly<Record<string, string | string[]>>): ReadSystemFile {
  const left = new Map(Object.entries(files));
  return (path) => {
    const file = left.get(path);
    return Array.isArray(file) ? (file.length > 1 ? file.shift() : file[0]) : file;
  };
}

/** A capture that takes 10 s of a clock that only goes on by its sleeps. */
async function explained(read: ReadSystemFile, captured = TIMEOUT): Promise<string> {
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
  };
  const capture = async () => {
    // The sleep before it has ended.
    await new Promise((resolve) => setImmediate(resolve));
    nowMs = 10_000;
    return captured;
  };
  const result = await explainTimeouts(capture, clock, read)();
  return result.ok ? '' : result.findings.map(formatFinding).join();
}

const V2 = { '/proc/self/cgroup': '0::/\n' };
const V1 = { '/proc/self/cgroup': '4:memory:/kubepods/pod1/a\n3:cpu,cpuacct:/kubepods/pod1/a\n' };
const CALM = 'nr_throttled 5\nthrottled_usec 1000\n';
const QUIET = 'anon 1\npgmajfault 100\n';

test('a timeout of a container that its CPU limit stops is not blamed on the volume', async () => {
  const v2 = { ...V2, '/sys/fs/cgroup/cpu.stat': [CALM, 'throttled_usec 7201000\n'] };
  const expected =
    '/source: lastgood got too little CPU time or memory to read the volume in time: the CPU limit stopped it for 7.2 s of 9.0 s [LG_CAPTURE_STARVED]';
  assert.equal(await explained(reading(v2)), expected);
  const stat = ['throttled_time 1000000\n', 'throttled_time 7201000000\n'];
  assert.equal(await explained(reading({ ...V1, '/sys/fs/cgroup/cpu/cpu.stat': stat })), expected);
});

test('nor is that of a container whose program does not fit into its memory', async () => {
  const stat = [QUIET, 'anon 1\npgmajfault 4100\n'];
  const said = await explained(reading({ ...V2, '/sys/fs/cgroup/memory.stat': stat }));
  assert.match(said, /for lack of memory it read 4000 pages again from the disk in 9\.0 s/);
});

test('a volume that hangs is still named, also where the kernel does not count', async () => {
  const calm = { '/sys/fs/cgroup/cpu.stat': CALM, '/sys/fs/cgroup/memory.stat': QUIET };
  for (const files of [{ ...V2, ...calm }, V2, {}])
    assert.match(await explained(reading(files)), /LG_CAPTURE_TIMEOUT/);
});

test('limits below what was measured are a warning at the start, and no others', () => {
  const warnings = (memory: string, cpu: string) =>
    checkLimits(
      reading({ ...V2, '/sys/fs/cgroup/memory.max': memory, '/sys/fs/cgroup/cpu.max': cpu }),
    );
  const said = warnings('33554432\n', '5000 100000\n').map(({ message }) => message);
  assert.deepEqual(said, [
    'the memory limit of 32Mi is below the 64Mi that lastgood was measured with',
    'the CPU limit of 50m is below the 100m that lastgood was measured with',
  ]);
  for (const [memory, cpu] of [
    ['67108864\n', '10000 100000\n'],
    ['max\n', 'max 100000\n'],
  ] as const)
    assert.deepEqual(warnings(memory, cpu), []);
  assert.deepEqual(checkLimits(reading({})), []);
  const old = {
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
  };
  assert.deepEqual(checkLimits(reading({ ...V1, ...old })), []);
  const small = {
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': '33554432\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '2000\n',
  };
  assert.equal(checkLimits(reading({ ...V1, ...small })).length, 2);
});
