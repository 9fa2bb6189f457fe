import { existsSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';

/**
 * Memory of a thread besides its heap: code, tables and stack. At the end of its heap it takes 3 MiB more
 * before it is ended, so that much is reserved too, unless a large file would then not fit.
 */
const NON_HEAP_MIB = 8.5;
const OOM_RESERVE_MIB = 3.5;

/** Heap for a check, and for each MiB of the file, by usual YAML, which needs most of all formats. */
const CHECK_MIB = 10;
const PARSED_MIB = 13;

/** The most heap for each MiB of YAML of usual density, for which the reserve may be used. */
const DENSE_MIB = 16;

/** Heap for a check with its schemas, ajv and CEL. */
const LOADED_CHECK_MIB = 13;

/** Additional memory for optimized code. */
const OPTIMIZING_MIB = 4;

/** With a heap of this size, code is optimized as usual. */
const ROOMY_HEAP_MIB = 32;

/** Page tables and the like, if the kernel does not report the memory of the container. */
const KERNEL_MIB = 4;

const MAX_HEAP_MIB = 256;

/** With less than this left, the next allocation may end the container. */
const LAST_MIB = 1.5;

const MIB = 2 ** 20;

/** The memory limit of a container, and the memory in use that the kernel cannot reclaim, in bytes. */
export interface Memory {
  readonly limitBytes: number;
  readonly heldBytes: number;
}

/** The heap size of a thread, and whether it must compile less code. */
export interface MemoryBudget {
  /** May be negative. */
  readonly heapMib: number;
  readonly isTight: boolean;
}

/** The memory of a container that is left for a thread that checks this many bytes. */
export function memoryBudget({ limitBytes, heldBytes }: Memory, sizeBytes: number): MemoryBudget {
  const mostMib = (limitBytes - heldBytes) / MIB - NON_HEAP_MIB;
  const leftMib = mostMib - OOM_RESERVE_MIB;
  const isTight = leftMib < ROOMY_HEAP_MIB + OPTIMIZING_MIB;
  const neededMib = CHECK_MIB + (DENSE_MIB * sizeBytes) / MIB;
  const heapMib = isTight
    ? Math.max(leftMib, Math.min(mostMib, neededMib))
    : Math.min(leftMib - OPTIMIZING_MIB, MAX_HEAP_MIB);
  return { heapMib: Math.floor(heapMib), isTight };
}

/** Whether positions can be read in a heap of this size beside the values: that parses the text again. */
export function fitsTwice(heapBytes: number, sizeBytes: number): boolean {
  return heapBytes / MIB > LOADED_CHECK_MIB + (PARSED_MIB * sizeBytes) / MIB;
}

/** Whether a thread must end before the kernel ends the container. */
export function isFull({ limitBytes, heldBytes }: Memory): boolean {
  return limitBytes - heldBytes < LAST_MIB * MIB;
}

/**
 * The memory of this process's container, or of the machine without a limit. Files on a tmpfs count, as
 * they do for the kernel.
 */
export function memoryNow(): Memory {
  const limitBytes = Math.min(process.constrainedMemory() || totalmem(), totalmem());
  return { limitBytes, heldBytes: heldByGroup(limitBytes) ?? heldByProcess() };
}

/**
 * The memory controllers of both versions of control groups. `line` is that of the process in
 * `/proc/self/cgroup`; `cache` is the page cache in `memory.stat`, and `tmpfs` its part that cannot be
 * dropped. Source: the kernel's documentation, admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
 */
const CONTROLLERS = [
  {
    root: '/sys/fs/cgroup',
    line: /^0::(.*)$/m,
    limit: 'memory.max',
    usage: 'memory.current',
    cache: /^file (\d+)$/m,
    tmpfs: /^shmem (\d+)$/m,
  },
  {
    root: '/sys/fs/cgroup/memory',
    line: /^\d+:(?:\S+,)?memory(?:,\S+)?:(.*)$/m,
    limit: 'memory.limit_in_bytes',
    usage: 'memory.usage_in_bytes',
    cache: /^total_cache (\d+)$/m,
    tmpfs: /^total_shmem (\d+)$/m,
  },
];

/** Undefined if there is no group with this limit, or it cannot be read. */
function heldByGroup(limitBytes: number): number | undefined {
  const groups = read('/proc/self/cgroup') ?? '';
  for (const { root, line, limit, usage, cache, tmpfs } of CONTROLLERS) {
    const [, path] = line.exec(groups) ?? [];
    // In a container the group often has its name on the machine, but is mounted as the root.
    const dir = [join(root, path ?? ''), root].find((each) => existsSync(join(each, usage)));
    if (path === undefined || dir === undefined) continue;
    const number = (file: string) => Number(read(join(dir, file)) ?? Number.NaN);
    const stat = read(join(dir, 'memory.stat')) ?? '';
    const countOf = (entry: RegExp) => Number(entry.exec(stat)?.[1]);
    const heldBytes = number(usage) - countOf(cache) + countOf(tmpfs);
    if (number(limit) === limitBytes && Number.isFinite(heldBytes)) return heldBytes;
  }
  return undefined;
}

function heldByProcess(): number {
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(read('/proc/self/status') ?? '') ?? [];
  const ownBytes = kib === undefined ? process.memoryUsage.rss() : Number(kib) * 1024;
  return ownBytes + KERNEL_MIB * MIB;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
