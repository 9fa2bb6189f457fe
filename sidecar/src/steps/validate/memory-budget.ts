import type { Memory } from '../../io/process/container-memory.ts';

/** Memory of a thread besides its heap: code, tables and stack. */
const NON_HEAP_MIB = 8.5;

/**
 * What the sidecar and a thread take besides the heap of the thread. A fixed number, and not what is left at
 * the moment: else it would depend on the moment whether a file that nearly fits is accepted.
 */
const RESERVED_MIB = 42;

/** Additional memory for optimized code, and for a thread that reaches the end of its heap. */
const ROOMY_MIB = 5;

/** With a heap of this size, code is optimized as usual. */
const ROOMY_HEAP_MIB = 32;

/** Heap for a check with its schemas, ajv and CEL, and for each MiB of usual YAML, which needs most of all formats. */
const LOADED_CHECK_MIB = 13;
const PARSED_MIB = 13;

const MAX_HEAP_MIB = 256;

/** With less than this left, the next allocation may end the container. */
const LAST_MIB = 1.5;

const MIB = 2 ** 20;

/** The heap size of a thread, and whether it must compile less code. */
export interface MemoryBudget {
  /** May be negative. */
  readonly heapMib: number;
  readonly isTight: boolean;
}

/** The memory of a container for a thread: less only if the rest of the container takes more than usual. */
export function memoryBudget({ limitBytes, heldBytes }: Memory): MemoryBudget {
  const tightMib = limitBytes / MIB - RESERVED_MIB;
  const roomyMib = tightMib - ROOMY_MIB;
  const isTight = roomyMib < ROOMY_HEAP_MIB;
  const leftMib = (limitBytes - heldBytes) / MIB - NON_HEAP_MIB;
  const heapMib = Math.min(isTight ? tightMib : roomyMib, leftMib, MAX_HEAP_MIB);
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
