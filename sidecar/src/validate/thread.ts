import { totalmem } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { findingOf } from '../errors.ts';
import type { CheckSettings } from '../settings/settings.ts';
import { formatDuration } from '../settings/units.ts';
import type { SnapshotFile } from '../snapshot.ts';
import { createChecks } from './checks.ts';
import { type Judgement, judgementOf } from './findings.ts';
import { defectOf, judgeFile } from './judge.ts';

/** A file, what to check it with, and the schemas as they were read at the start. */
export interface Job {
  readonly file: SnapshotFile;
  readonly checks: readonly CheckSettings[];
  /** By path. */
  readonly schemas: ReadonlyMap<string, Uint8Array>;
}

/** Across threads, a Buffer is a plain array of bytes. */
type Sent = Omit<Job, 'file'> & {
  readonly file: Omit<SnapshotFile, 'bytes'> & { readonly bytes: Uint8Array };
};

/** What the rest of the process needs, beside the old generation of the thread's heap. */
const RESERVED_MIB = 44;

/** Enough for a ConfigMap of 1 MiB, the most that Kubernetes holds, as people write them. */
const MIN_HEAP_MIB = 20;
const MAX_HEAP_MIB = 256;

/** Of the smallest CPU limits that make sense, this is still some seconds. */
const MAX_MS = 120_000;

/** One at a time in the whole process: two would take the memory of two. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Judges a file in a thread that has a heap of its own. A file that takes more memory than there is
 * to parse ends the thread, and is told as a finding, where it would else end the sidecar, again
 * after each restart; and meanwhile probes are answered. Rejects when `signal` aborts.
 */
export async function judgeInThread(
  job: Job,
  makeRoom: () => void,
  signal?: AbortSignal,
): Promise<Judgement> {
  const { promise: turn, resolve: done } = Promise.withResolvers<void>();
  const before = last;
  last = turn;
  await before;
  try {
    signal?.throwIfAborted();
    makeRoom();
    return await run(job, signal);
  } finally {
    done();
  }
}

async function run(job: Job, signal?: AbortSignal): Promise<Judgement> {
  const heapMib = heapMibWithin(process.constrainedMemory(), totalmem());
  // The flags of the first line would go before the limits that a worker is given, so they are
  // changed; the heap of this thread has its size already.
  setFlagsFromString(`--max-old-space-size=${heapMib}`);
  setFlagsFromString('--max-semi-space-size=1');
  const bytes = new Uint8Array(job.file.bytes);
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { ...job, file: { ...job.file, bytes } } satisfies Sent,
    transferList: [bytes.buffer],
  });
  const { promise: end, resolve, reject } = Promise.withResolvers<Judgement>();
  const tooHeavy = (bound: string) => {
    const finding = findingOf('LG_VALIDATE_TOO_HEAVY', [bound], { file: job.file.path });
    resolve(judgementOf([finding]));
  };
  const cutOff = () => reject(signal?.reason);
  const timer = setTimeout(tooHeavy, MAX_MS, formatDuration(MAX_MS));
  signal?.addEventListener('abort', cutOff);
  worker.once('message', resolve);
  worker.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') tooHeavy(`${heapMib} MiB of memory`);
    else resolve(defectOf(job.file, error));
  });
  worker.once('exit', (code) =>
    resolve(defectOf(job.file, `the thread of the check ended with ${code}`)),
  );
  try {
    return await end;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cutOff);
    await worker.terminate();
  }
}

/**
 * The heap that a thread may have, in MiB: what the container's limit leaves.
 *
 * @param limitBytes - of the container; 0, undefined or more than the machine has: there is none
 */
export function heapMibWithin(limitBytes: number | undefined, machineBytes: number): number {
  const bytes = Math.min(limitBytes || machineBytes, machineBytes);
  const left = Math.floor(bytes / 2 ** 20) - RESERVED_MIB;
  return Math.max(MIN_HEAP_MIB, Math.min(left, MAX_HEAP_MIB));
}

// This file, or the one file that it is built into, is what the thread runs.
if (!isMainThread && parentPort !== null) {
  const { file, checks, schemas } = workerData as Sent;
  const known = await createChecks(checks, async (path) => Buffer.from(schemas.get(path) ?? []));
  parentPort.postMessage(judgeFile({ ...file, bytes: Buffer.from(file.bytes.buffer) }, known));
}
