import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { findGroupFile, type ReadSystemFile, readSystemFile } from '../io/process/control-group.ts';

/** What the kernel counts for this container, since it started. */
interface Counters {
  readonly atMs: number;
  /** Time for which the CPU limit stopped it, added up over all CPUs. */
  readonly throttledMs: number;
  /** Pages of files, most often of its program, that it dropped for lack of memory and read again. */
  readonly pagesAgain: number;
}

/** Reads the counters of this container; undefined where the kernel has none. */
export type ReadCounters = () => Counters | undefined;

/**
 * Stopped for this part of the time, it is short of CPU. Measured while a volume hangs at the start with 100m:
 * at most 0.21; with 20m: all the time.
 */
const THROTTLED_SHARE = 0.5;

/**
 * Above this, it mostly waits for its own program. Measured while a volume hangs: at most 0.7; with too
 * little memory: as fast as the disk, 20 and more. Page faults do not tell: a disk may read 8 MiB for one.
 */
const MIB_AGAIN_PER_SECOND = 5;

const PAGES_PER_MIB = 256;

/**
 * The same work, whose findings tell a container that gets too little CPU time or memory from a volume
 * that hangs, or a file that takes long to check. A read that hangs is reported at once by further calls,
 * so the counters are compared with those before the first of these.
 */
export function explainTimeouts<T extends object>(
  work: () => Promise<T>,
  readCounters: ReadCounters,
): () => Promise<T> {
  let began: Counters | undefined;
  return async () => {
    began ??= readCounters();
    const result = await work();
    const findings = 'findings' in result ? (result.findings as readonly Finding[]) : [];
    const lack = findings.some(isTimeout) ? lackBetween(began, readCounters()) : undefined;
    if (!findings.some(isTimeout)) began = undefined;
    if (lack === undefined) return result;
    return { ...result, findings: findings.map((each) => explained(each, lack)) };
  };
}

function isTimeout({ code, message }: Finding): boolean {
  // It may also exceed memory or a number of attempts.
  if (code === 'LG_VALIDATE_TOO_HEAVY') return /\d[sm] to check$/.test(message);
  return code === 'LG_CAPTURE_TIMEOUT';
}

function explained(finding: Finding, lack: string): Finding {
  if (!isTimeout(finding)) return finding;
  const { code, message, location } = finding;
  if (code === 'LG_CAPTURE_TIMEOUT') return findingOf('LG_CAPTURE_STARVED', [lack], location);
  return { ...finding, message: `${message}: ${lack}` };
}

/** What the container lacked between two moments; undefined if it lacked nothing, or nothing is known. */
function lackBetween(before?: Counters, after?: Counters): string | undefined {
  if (before === undefined || after === undefined) return undefined;
  const seconds = (after.atMs - before.atMs) / 1000;
  const throttled = Math.min((after.throttledMs - before.throttledMs) / 1000, seconds);
  const mibAgain = (after.pagesAgain - before.pagesAgain) / PAGES_PER_MIB;
  const over = `${seconds.toFixed(1)} s`;
  const lacks = [
    ...(throttled > THROTTLED_SHARE * seconds
      ? [`the CPU limit stopped it for ${throttled.toFixed(1)} s of ${over}`]
      : []),
    ...(mibAgain > MIB_AGAIN_PER_SECOND * seconds
      ? [`for lack of memory it read ${Math.round(mibAgain)} MiB again from the disk in ${over}`]
      : []),
  ];
  return lacks.length === 0 ? undefined : lacks.join(', and ');
}

/** Finds the counters once, since every capture reads them. */
export function findCounters(
  clock: Pick<Clock, 'nowMs'>,
  read: ReadSystemFile = readSystemFile,
): ReadCounters {
  const cpu = findGroupFile('cpu', ['cpu.stat'], read);
  const memory = findGroupFile('memory', ['memory.stat'], read);
  if (cpu === undefined && memory === undefined) return () => undefined;
  const countOf = (text: string | undefined, entry: RegExp) =>
    Number(entry.exec(text ?? '')?.[1] ?? 0);
  return () => {
    const cpuStat = cpu && read(cpu);
    // Microseconds in version 2 of control groups, nanoseconds in version 1.
    const usec = countOf(cpuStat, /^throttled_usec (\d+)$/m);
    const nsec = countOf(cpuStat, /^throttled_time (\d+)$/m);
    const pagesAgain = countOf(
      memory && read(memory),
      /^(?:total_)?workingset_refault(?:_file)? (\d+)$/m,
    );
    return { atMs: clock.nowMs(), throttledMs: usec / 1e3 + nsec / 1e6, pagesAgain };
  };
}
