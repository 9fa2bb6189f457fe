import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Captured } from '@lastgood/core/capture/capture.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';

/** Reads a file of the system; undefined if it is not there. */
export type ReadSystemFile = (path: string) => string | undefined;

/** What the kernel counts for this container, since it started. */
interface Counters {
  readonly atMs: number;
  /** Time for which the CPU limit stopped it. */
  readonly throttledMs: number;
  /** Pages that it had to read from the disk to go on, most often its program. */
  readonly majorFaults: number;
}

/** A capture that takes longer may end with a timeout. */
const SLOW_MS = 1_000;

/** Stopped for this part of the time, it is short of CPU. */
const THROTTLED_SHARE = 0.3;

/** Above this, it waits for pages most of the time: a disk needs about 10 ms for one. */
const MAJOR_FAULTS_PER_SECOND = 50;

/** What the benchmark measures to be enough (bench/RESULTS.md). */
const ENOUGH_MIB = 64;
const ENOUGH_CPU = 0.1;

/**
 * The same capture, which tells a container that gets too little CPU time or memory from a volume that
 * hangs: `LG_CAPTURE_STARVED` in place of `LG_CAPTURE_TIMEOUT`.
 */
export function explainTimeouts(
  capture: () => Promise<Captured>,
  clock: Clock,
  read: ReadSystemFile = readSystemFile,
): () => Promise<Captured> {
  return async () => {
    const ended = new AbortController();
    let before: Counters | undefined;
    clock.sleep(SLOW_MS, ended.signal).then(
      () => {
        before = countersNow(clock, read);
      },
      () => {},
    );
    const captured = await capture();
    ended.abort();
    const isLate = !captured.ok && captured.findings.some(isTimeout);
    const starved = isLate && before ? starvation(before, countersNow(clock, read)) : undefined;
    if (captured.ok || starved === undefined) return captured;
    return { ok: false, findings: captured.findings.map((each) => replaced(each, starved)) };
  };
}

function isTimeout({ code }: Finding): boolean {
  return code === 'LG_CAPTURE_TIMEOUT';
}

function replaced(finding: Finding, starved: string): Finding {
  return isTimeout(finding)
    ? findingOf('LG_CAPTURE_STARVED', [starved], finding.location)
    : finding;
}

/** What the container lacked between two moments; undefined if it lacked nothing, or nothing is known. */
function starvation(before: Counters, after: Counters | undefined): string | undefined {
  if (after === undefined) return undefined;
  const seconds = (after.atMs - before.atMs) / 1000;
  const throttled = (after.throttledMs - before.throttledMs) / 1000;
  const faults = after.majorFaults - before.majorFaults;
  const over = `of ${seconds.toFixed(1)} s`;
  const lacks = [
    ...(throttled > THROTTLED_SHARE * seconds
      ? [`the CPU limit stopped it for ${throttled.toFixed(1)} s ${over}`]
      : []),
    ...(faults > MAJOR_FAULTS_PER_SECOND * seconds
      ? [
          `for lack of memory it read ${faults} pages again from the disk in ${seconds.toFixed(1)} s`,
        ]
      : []),
  ];
  return lacks.length === 0 ? undefined : lacks.join(', and ');
}

/** Warnings about limits of the container below what was measured to be enough. */
export function checkLimits(read: ReadSystemFile = readSystemFile): Finding[] {
  const memory = Number(groupFile('memory', ['memory.max', 'memory.limit_in_bytes'], read));
  const memoryMib = memory / 2 ** 20;
  const [quota, period = '100000'] = (groupFile('cpu', ['cpu.max'], read) ?? '').trim().split(' ');
  const quotaV1 = groupFile('cpu', ['cpu.cfs_quota_us'], read);
  const cpu = Number(quotaV1 ?? quota) / Number(quotaV1 === undefined ? period : 100_000);
  return [
    ...(memoryMib < ENOUGH_MIB
      ? [warningOf('LG_SETTINGS_LIMITS', [`memory limit of ${Math.floor(memoryMib)}Mi`, '64Mi'])]
      : []),
    ...(quota !== '' || quotaV1 !== undefined ? cpuWarning(cpu) : []),
  ];
}

function cpuWarning(cpu: number): Finding[] {
  // Without a limit it is -1 or not a number.
  if (!(cpu > 0 && cpu < ENOUGH_CPU)) return [];
  return [warningOf('LG_SETTINGS_LIMITS', [`CPU limit of ${Math.round(cpu * 1000)}m`, '100m'])];
}

function countersNow(clock: Clock, read: ReadSystemFile): Counters | undefined {
  const cpu = groupFile('cpu', ['cpu.stat'], read);
  const memory = groupFile('memory', ['memory.stat'], read);
  if (cpu === undefined && memory === undefined) return undefined;
  const countOf = (text: string | undefined, entry: RegExp) =>
    Number(entry.exec(text ?? '')?.[1] ?? 0);
  // Microseconds in version 2 of control groups, nanoseconds in version 1.
  const usec = countOf(cpu, /^throttled_usec (\d+)$/m);
  const nsec = countOf(cpu, /^throttled_time (\d+)$/m);
  const majorFaults = countOf(memory, /^(?:total_)?pgmajfault (\d+)$/m);
  return { atMs: clock.nowMs(), throttledMs: usec / 1e3 + nsec / 1e6, majorFaults };
}

/**
 * The first of these files in the control group of this process, of version 2 or 1. In a container the
 * group often has its name on the machine, but is mounted as the root.
 */
function groupFile(
  controller: 'cpu' | 'memory',
  names: readonly string[],
  read: ReadSystemFile,
): string | undefined {
  const groups = read('/proc/self/cgroup') ?? '';
  const [, unified = '/'] = /^0::(.*)$/m.exec(groups) ?? [];
  const own = new RegExp(`^\\d+:(?:\\S+,)?${controller}(?:,\\S+)?:(.*)$`, 'm').exec(groups)?.[1];
  const old = `/sys/fs/cgroup/${controller}`;
  const directories = [
    join('/sys/fs/cgroup', unified),
    '/sys/fs/cgroup',
    join(old, own ?? ''),
    old,
  ];
  for (const directory of directories)
    for (const name of names) {
      const text = read(join(directory, name));
      if (text !== undefined) return text;
    }
  return undefined;
}

function readSystemFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
