import { warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { findGroupFile, type ReadSystemFile, readSystemFile } from '../io/process/control-group.ts';
import { findSmallReads } from '../io/process/small-reads.ts';

/** What was measured to be enough for a cold start, by the read-ahead of the disk: ADR 35. */
export const ENOUGH_MIB = 64;
export const ENOUGH_CPU = 0.1;
const READ_AHEADS = [
  { aboveKib: 4096, enoughMib: 96 },
  { aboveKib: 1024, enoughMib: 80 },
] as const;

/** Warnings about limits of the container below what was measured to be enough. */
export function checkLimits(read: ReadSystemFile = readSystemFile): Finding[] {
  return [...memoryWarning(read), ...cpuWarning(read)];
}

function memoryWarning(read: ReadSystemFile): Finding[] {
  const file = findGroupFile('memory', ['memory.max', 'memory.limit_in_bytes'], read);
  // Without a limit it is not a number, or more than any machine has.
  const limitMib = Number(file && read(file)) / 2 ** 20;
  // In the image, the kernel then reads the program in small pieces: ADR 46.
  const aheadKib = findSmallReads(read) === undefined ? readAheadKib(read) : 0;
  const ahead = READ_AHEADS.find(({ aboveKib }) => aheadKib > aboveKib);
  const enoughMib = ahead?.enoughMib ?? ENOUGH_MIB;
  if (!(limitMib < enoughMib)) return [];
  const limit = `memory limit of ${Math.floor(limitMib)}Mi`;
  const where = ahead === undefined ? '' : `, on a node whose disk reads ${aheadKib}Ki ahead,`;
  return [warningOf('LG_SETTINGS_LIMITS', [limit + where, `${enoughMib}Mi`])];
}

/**
 * How much the disk of this container reads for each page that is missing; 0 if unknown. The root of a
 * container is most often an overlay, which is no device; the kubelet mounts `/etc/hosts` from its disk.
 */
export function readAheadKib(read: ReadSystemFile = readSystemFile): number {
  const mounts = read('/proc/self/mountinfo') ?? '';
  const devices = [...mounts.matchAll(/^\d+ \d+ (\d+:\d+) \S+ (?:\/|\/etc\/hosts) /gm)];
  // A partition has its queue in the directory of the disk; only the kernel can follow the link before `..`.
  const files = devices.flatMap(([, device]) =>
    ['queue', '../queue'].map((queue) => `/sys/dev/block/${device}/${queue}/read_ahead_kb`),
  );
  return Math.max(0, ...files.map((file) => Number(read(file) ?? 0)));
}

function cpuWarning(read: ReadSystemFile): Finding[] {
  const file = findGroupFile('cpu', ['cpu.max', 'cpu.cfs_quota_us'], read);
  const [quota, periodV2] = ((file && read(file)) ?? '').trim().split(' ');
  const cpu = Number(quota) / Number(periodV2 ?? 100_000);
  // Without a limit it is negative or not a number.
  if (!(cpu > 0 && cpu < ENOUGH_CPU)) return [];
  return [warningOf('LG_SETTINGS_LIMITS', [`CPU limit of ${Math.round(cpu * 1000)}m`, '100m'])];
}
