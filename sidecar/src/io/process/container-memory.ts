import { totalmem } from 'node:os';
import { findGroupFile, readSystemFile } from './control-group.ts';

/** Page tables and the like, if the kernel does not report the memory of the container. */
const KERNEL_BYTES = 4 * 2 ** 20;

/** The memory limit of a container, and the memory in use that the kernel cannot reclaim, in bytes. */
export interface Memory {
  readonly limitBytes: number;
  readonly heldBytes: number;
}

/**
 * The memory of this process's container, or of the machine without a limit. Files on a tmpfs count, as
 * they do for the kernel.
 */
export function memoryNow(): Memory {
  const limitBytes = Math.min(process.constrainedMemory() || totalmem(), totalmem());
  return { limitBytes, heldBytes: heldByGroup(limitBytes) ?? heldByProcess() };
}

/** Found once: a check that is short of memory reads them every few milliseconds. */
const FILES = [
  ['memory.max', 'memory.limit_in_bytes'],
  ['memory.current', 'memory.usage_in_bytes'],
  ['memory.stat'],
].map((names) => findGroupFile('memory', names, readSystemFile));

/** Undefined if the group of this process has another limit, or cannot be read. */
function heldByGroup(limitBytes: number): number | undefined {
  const [limit, usage, stat = ''] = FILES.map((path) => path && readSystemFile(path));
  if (Number(limit) !== limitBytes) return undefined;
  const entry = (name: string) => new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1];
  // The kernel can drop the page cache, except for its part on a tmpfs. Version 1 has the first names.
  const cache = entry('total_cache') ?? entry('file');
  const tmpfs = entry('total_shmem') ?? entry('shmem');
  const heldBytes = Number(usage) - Number(cache) + Number(tmpfs);
  return Number.isFinite(heldBytes) ? heldBytes : undefined;
}

function heldByProcess(): number {
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(readSystemFile('/proc/self/status') ?? '') ?? [];
  const ownBytes = kib === undefined ? process.memoryUsage.rss() : Number(kib) * 1024;
  return ownBytes + KERNEL_BYTES;
}
