import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Captured } from '@lastgood/core/capture/capture.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import { explainTimeouts, findCounters } from './starvation.ts';

const TIMEOUT = findingOf('LG_CAPTURE_TIMEOUT', ['10s'], { file: '/source' });

/** A container whose counters, in the files of its control group, rise while it works. */
class Container {
  readonly files: Record<string, string>;
  nowMs = 0;

  constructor(files: Record<string, string>) {
    this.files = files;
  }

  /** The findings of work that takes so long, and after which the files are these. */
  explaining(found: readonly Finding[]) {
    const read = (path: string) => this.files[path];
    let after: Record<string, string> = {};
    let tookMs = 0;
    const work = async (): Promise<Captured> => {
      Object.assign(this.files, after);
      this.nowMs += tookMs;
      return { ok: false, findings: found };
    };
    const explained = explainTimeouts(work, findCounters({ nowMs: () => this.nowMs }, read));
    return async (ms: number, files: Record<string, string> = {}): Promise<string> => {
      after = files;
      tookMs = ms;
      const result = await explained();
      return result.ok ? '' : result.findings.map(formatFinding).join('\n');
    };
  }
}

const CPU = '/sys/fs/cgroup/cpu.stat';
const MEMORY = '/sys/fs/cgroup/memory.stat';
const CALM = {
  '/proc/self/cgroup': '0::/\n',
  [CPU]: 'nr_throttled 5\nthrottled_usec 1000\n',
  [MEMORY]: 'anon 1\nworkingset_refault_anon 9\nworkingset_refault_file 100\npgmajfault 9\n',
};
const STOPPED = { [CPU]: 'nr_throttled 90\nthrottled_usec 7201000\n' };

test('a timeout of a container that its CPU limit stops is not blamed on the volume', async () => {
  const expected =
    '/source: lastgood got too little CPU time or memory to read the volume in time: the CPU limit stopped it for 7.2 s of 10.0 s [LG_CAPTURE_STARVED]';
  assert.equal(await new Container({ ...CALM }).explaining([TIMEOUT])(10_000, STOPPED), expected);
  const stat = '/sys/fs/cgroup/cpu/cpu.stat';
  const old = {
    '/proc/self/cgroup': '4:memory:/kubepods/pod1/a\n3:cpu,cpuacct:/kubepods/pod1/a\n',
    [stat]: 'throttled_time 1000000\n',
  };
  const explaining = new Container({ ...old }).explaining([TIMEOUT]);
  assert.equal(await explaining(10_000, { [stat]: 'throttled_time 7201000000\n' }), expected);
});

test('the time for which several CPUs stopped it is never longer than the time', async () => {
  const stat = { [CPU]: 'throttled_usec 35000000\n' };
  const said = await new Container({ ...CALM }).explaining([TIMEOUT])(10_000, stat);
  assert.match(said, /the CPU limit stopped it for 10\.0 s of 10\.0 s/);
});

test('nor is that of a container whose program does not fit into its memory', async () => {
  const stat = { [MEMORY]: 'anon 1\nworkingset_refault_file 256100\npgmajfault 130\n' };
  const said = await new Container({ ...CALM }).explaining([TIMEOUT])(10_000, stat);
  assert.match(said, /for lack of memory it read 1000 MiB again from the disk in 10\.0 s/);
});

test('a volume that hangs is still named, also where the kernel does not count', async () => {
  const start = {
    [CPU]: 'nr_throttled 25\nthrottled_usec 1800000\n',
    [MEMORY]: 'workingset_refault_file 2000\n',
  };
  const { '/proc/self/cgroup': groups } = CALM;
  for (const [files, after] of [
    [CALM, start],
    [{ '/proc/self/cgroup': groups }, {}],
    [{}, {}],
  ] as const)
    assert.match(
      await new Container({ ...files }).explaining([TIMEOUT])(10_000, after),
      /LG_CAPTURE_TIMEOUT/,
    );
});

test('a read that has not returned keeps its reason, and loses it if the volume hangs', async () => {
  const container = new Container({ ...CALM });
  const explaining = container.explaining([TIMEOUT]);
  assert.match(await explaining(10_000, STOPPED), /LG_CAPTURE_STARVED/);
  assert.match(await explaining(0), /LG_CAPTURE_STARVED/);
  container.nowMs += 60_000;
  assert.match(await explaining(0), /LG_CAPTURE_TIMEOUT/);
});

test('a check that takes too long says what the container lacked, and one for more memory does not', async () => {
  const location = { file: 'config.yaml' };
  const found = ['20s', '2m', '5 MiB of memory', '2,000,000 attempts'].map((bound) =>
    findingOf('LG_VALIDATE_TOO_HEAVY', [bound], location),
  );
  const said = await new Container({ ...CALM }).explaining(found)(10_000, STOPPED);
  assert.deepEqual(said.split('\n'), [
    'config.yaml: takes more than 20s to check: the CPU limit stopped it for 7.2 s of 10.0 s [LG_VALIDATE_TOO_HEAVY]',
    'config.yaml: takes more than 2m to check: the CPU limit stopped it for 7.2 s of 10.0 s [LG_VALIDATE_TOO_HEAVY]',
    'config.yaml: takes more than 5 MiB of memory to check [LG_VALIDATE_TOO_HEAVY]',
    'config.yaml: takes more than 2,000,000 attempts to check [LG_VALIDATE_TOO_HEAVY]',
  ]);
});
