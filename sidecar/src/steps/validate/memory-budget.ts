import { existsSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';

/**
 * What a thread takes beside its heap: the code that it runs, its tables and its stack. One that comes
 * to the end of its heap takes 3 MiB more before it is ended: that much is left over as well, unless a
 * file is so large that it would not fit then.
 */
const NON_HEAP_MIB = 8.5;
const OOM_RESERVE_MIB = 3.5;

/** What a check takes, and for each MiB of the file: YAML of a usual kind, the greediest of the formats. */
const CHECK_MIB = 10;
const PARSED_MIB = 13;

/** A check with its schemas, ajv and CEL. */
const LOADED_CHECK_MIB = 13;

/** What it takes beside that where its code may be optimized as usual. */
const OPTIMIZING_MIB = 4;

/** From this size on it may. */
const ROOMY_HEAP_MIB = 32;

/** Page tables and the like, where the kernel does not say how much it holds for the container. */
const KERNEL_MIB = 4;

const MAX_HEAP_MIB = 256;

/** With no more than this left, the next page may be one too many. */
const LAST_MIB = 1.5;

const MIB = 2 ** 20;

/** What a container may hold, and what it holds that the kernel cannot take back, in bytes. */
export interface Memory {
  readonly limitBytes: number;
  readonly heldBytes: number;
}

/** What a thread may take: the size of its heap, and whether compiling has to be kept down. */
export interface MemoryBudget {
  /** May be negative. */
  readonly heapMib: number;
  readonly isTight: boolean;
}

/** What the others in a container leave to a thread that checks so many bytes. */
export function memoryBudget({ limitBytes, heldBytes }: Memory, sizeBytes: number): MemoryBudget {
  const mostMib = (limitBytes - heldBytes) / MIB - NON_HEAP_MIB;
  const leftMib = mostMib - OOM_RESERVE_MIB;
  const isTight = leftMib < ROOMY_HEAP_MIB + OPTIMIZING_MIB;
  const neededMib = CHECK_MIB + (PARSED_MIB * sizeBytes) / MIB;
  const heapMib = isTight
    ? Math.max(leftMib, Math.min(mostMib, neededMib))
    : Math.min(leftMib - OPTIMIZING_MIB, MAX_HEAP_MIB);
  return { heapMib: Math.floor(heapMib), isTight };
}

/**
 * Whether places can be looked for in a heap of this size while the values are there: the text is
 * parsed once more for that.
 */
export function fitsTwice(heapBytes: number, sizeBytes: number): boolean {
  return heapBytes / MIB > LOADED_CHECK_MIB + (PARSED_MIB * sizeBytes) / MIB;
}

/** Whether something has to end before the kernel ends it all. */
export function isFull({ limitBytes, heldBytes }: Memory): boolean {
  return limitBytes - heldBytes < LAST_MIB * MIB;
}

/**
 * The memory of the container that this process is in, or of the machine where none is limited. Files
 * on a tmpfs count, as they do for the kernel when it looks for something to end.
 */
export function memoryNow(): Memory {
  const limitBytes = Math.min(process.constrainedMemory() || totalmem(), totalmem());
  return { limitBytes, heldBytes: heldByGroup(limitBytes) ?? heldByProcess() };
}

/** A version of control groups: where its memory controller lies, and what its files are called. */
interface Controller {
  readonly root: string;
  /** The line of `/proc/self/cgroup` with the group of a process. */
  readonly line: RegExp;
  readonly limit: string;
  readonly usage: string;
  /** In `memory.stat`: the page cache, and what of it is a tmpfs and cannot be dropped. */
  readonly cache: RegExp;
  readonly tmpfs: RegExp;
}

/** Source: the kernel's documentation, admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst. */
const CONTROLLERS: readonly Controller[] = [
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

/** Undefined where the group that sets this limit cannot be read, or there is none. */
function heldByGroup(limitBytes: number): number | undefined {
  const groups = read('/proc/self/cgroup') ?? '';
  for (const controller of CONTROLLERS) {
    const { root, limit, usage, cache, tmpfs } = controller;
    const [, path] = controller.line.exec(groups) ?? [];
    // In a container the group is often named as the machine sees it, and mounted as the root.
    const dir = [join(root, path ?? ''), root].find((each) => existsSync(join(each, usage)));
    if (path === undefined || dir === undefined) continue;
    const number = (file: string) => Number(read(join(dir, file)) ?? Number.NaN);
    const stat = read(join(dir, 'memory.stat')) ?? '';
    const countOf = (line: RegExp) => Number(line.exec(stat)?.[1]);
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
