import { warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { findGroupFile, type ReadSystemFile, readSystemFile } from './control-group.ts';

/** What the benchmark measures to be enough (bench/RESULTS.md). */
const ENOUGH_MIB = 64;
const ENOUGH_CPU = 0.1;

/** Warnings about limits of the container below what was measured to be enough. */
export function checkLimits(read: ReadSystemFile = readSystemFile): Finding[] {
  return [...memoryWarning(read), ...cpuWarning(read)];
}

function memoryWarning(read: ReadSystemFile): Finding[] {
  const file = findGroupFile('memory', ['memory.max', 'memory.limit_in_bytes'], read);
  // Without a limit it is not a number, or more than any machine has.
  const limitMib = Number(file && read(file)) / 2 ** 20;
  if (!(limitMib < ENOUGH_MIB)) return [];
  const limit = `memory limit of ${Math.floor(limitMib)}Mi`;
  return [warningOf('LG_SETTINGS_LIMITS', [limit, `${ENOUGH_MIB}Mi`])];
}

function cpuWarning(read: ReadSystemFile): Finding[] {
  const file = findGroupFile('cpu', ['cpu.max', 'cpu.cfs_quota_us'], read);
  const [quota, periodV2] = ((file && read(file)) ?? '').trim().split(' ');
  const cpu = Number(quota) / Number(periodV2 ?? 100_000);
  // Without a limit it is negative or not a number.
  if (!(cpu > 0 && cpu < ENOUGH_CPU)) return [];
  return [warningOf('LG_SETTINGS_LIMITS', [`CPU limit of ${Math.round(cpu * 1000)}m`, '100m'])];
}
