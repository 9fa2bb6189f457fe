import { setFlagsFromString } from 'node:v8';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { setTimeoutAfterReads } from '@lastgood/core/model/clock.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { moduleCache } from '../../checks/json-schema/module-cache.ts';
import { memoryNow } from '../../io/process/container-memory.ts';
import { internalErrorResult, type TaskResult, tooHeavy } from './check-file.ts';
import { isFull, memoryBudget } from './memory-budget.ts';
import { type CheckContext, type Job, mapFiles, type Task } from './task.ts';
import { WORKER_URL } from './worker.ts';

/** Less than the code of a check itself takes. */
const MIN_HEAP_MIB = 12;

/**
 * The compilers between interpreter and optimizer take 3 MiB, and save a fifth of the time. The flags
 * apply to the whole process and stay, since memory is known to be short.
 */
const LESS_COMPILING = ['--no-maglev', '--no-sparkplug'];

/** How often the memory of the container is checked, if it is tight. */
const MEMORY_CHECK_MS = 3;

/** One job at a time in the whole process: two would take the memory of two. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a job in a worker thread with its own heap. A file that needs too much memory then ends the
 * thread and becomes a finding, instead of ending the sidecar again and again; meanwhile the main thread
 * answers probes. Rejects when `signal` aborts.
 */
export async function runInWorker(
  task: Task,
  context: CheckContext,
  withinMs: number,
  signal?: AbortSignal,
): Promise<TaskResult> {
  const { promise: turn, resolve: done } = Promise.withResolvers<void>();
  const before = last;
  last = turn;
  await before;
  try {
    signal?.throwIfAborted();
    context.makeRoom();
    const first = await run(task, context, withinMs, signal);
    if (!first.isOutOfMemory) return first.result;
    // Whether a file that nearly fits does so depends on when the thread collects its garbage.
    context.makeRoom();
    return (await run(task, context, withinMs, signal)).result;
  } finally {
    done();
  }
}

interface Run {
  readonly result: TaskResult;
  readonly isOutOfMemory?: boolean;
}

async function run(
  task: Task,
  context: CheckContext,
  withinMs: number,
  signal?: AbortSignal,
): Promise<Run> {
  const files = 'file' in task ? [task.file] : task.files;
  const { heapMib, isTight } = memoryBudget(memoryNow());
  const isNamed = isNamedByCheck(task, context);
  const tooLarge = (): Run => ({
    result: tooHeavy(files, `${Math.max(0, heapMib)} MiB of memory`, isNamed),
    isOutOfMemory: true,
  });
  if (heapMib < MIN_HEAP_MIB) return tooLarge();
  if (isTight) for (const flag of LESS_COMPILING) setFlagsFromString(flag);
  // These flags on the command line would override the limits of a worker, so they are changed here;
  // the heap of this thread already has its size.
  setFlagsFromString(`--max-old-space-size=${heapMib}`);
  setFlagsFromString('--max-semi-space-size=1');
  const worker = new Worker(WORKER_URL, optionsFor(task, context));
  const { promise: end, resolve, reject } = Promise.withResolvers<Run>();
  const abort = () => reject(signal?.reason);
  const tooSlow = () => resolve({ result: tooHeavy(files, formatDuration(withinMs), isNamed) });
  const cancelDeadline = setTimeoutAfterReads(tooSlow, withinMs);
  // A thread may take more than its heap, and the kernel would end the sidecar.
  const checkMemory = () => isFull(memoryNow()) && resolve(tooLarge());
  const memoryTimer = isTight ? setInterval(checkMemory, MEMORY_CHECK_MS) : undefined;
  signal?.addEventListener('abort', abort);
  worker.once('message', (result: TaskResult) => resolve({ result }));
  worker.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve(tooLarge());
    else resolve({ result: internalErrorResult(files, error) });
  });
  worker.once('exit', (code) =>
    resolve({ result: internalErrorResult(files, `the thread of the check ended with ${code}`) }),
  );
  try {
    return await end;
  } finally {
    cancelDeadline();
    clearInterval(memoryTimer);
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}

/** Whether the settings ask for a check of the file; of several files, they always do. */
function isNamedByCheck(task: Task, { checks }: CheckContext): boolean {
  if (!('file' in task)) return true;
  return [...checks.files, ...checks.keys].some(({ matches }) => matches(task.file.path));
}

/** The job to send, with a copy of the bytes that is moved to the thread, unless they are shared. */
function optionsFor(
  task: Task,
  { settings, schemas, checks, views = [] }: CheckContext,
): WorkerOptions {
  const transferList: ArrayBuffer[] = [];
  // Spreading also replaces getters, which cannot be sent, by their values.
  const copy = (file: SnapshotFile): SnapshotFile => {
    if (file.bytes.buffer instanceof SharedArrayBuffer) return file;
    // A small Buffer is part of a pool with other files, which would be sent as a whole.
    const bytes = new Uint8Array(file.bytes);
    transferList.push(bytes.buffer);
    return { ...file, bytes: bytes as Buffer };
  };
  const job: Job = {
    task: mapFiles(task, copy),
    settings,
    schemas,
    modules: moduleCache,
    meaning: checks.meaning,
    views,
  };
  return { workerData: job, transferList };
}
