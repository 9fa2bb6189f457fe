import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import {
  isMainThread,
  parentPort,
  Worker,
  type WorkerOptions,
  workerData,
} from 'node:worker_threads';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { checkResult } from '../../checks/check-result.ts';
import { keep, type ModuleCache, moduleCache } from '../../checks/json-schema/module-cache.ts';
import type { ParsedFile } from '../../checks/parse-file.ts';
import type { CheckSettings } from '../../settings/settings.ts';
import { applicableChecks, readAs } from './applicable-checks.ts';
import { internalErrorResult, positionIn, type TaskResult, taskResult } from './check-file.ts';
import { type Checks, createChecks } from './compile-checks.ts';
import { fitsTwice, isFull, memoryBudget, memoryNow } from './memory-budget.ts';
import { checkTask, type Task } from './run-task.ts';
import { Stopwatch } from './stopwatch.ts';

/** A task, what to do it with, and the schemas as they were read at the start. */
export interface Job {
  readonly task: Task;
  readonly settings: readonly CheckSettings[];
  /** By path. */
  readonly schemas: ReadonlyMap<string, Uint8Array>;
  readonly meaning: boolean;
}

/** A job as a thread gets it. */
interface Sent extends Job {
  readonly modules: ModuleCache;
}

export interface JobOptions {
  readonly withinMs: number;
  /** Called before the memory is taken. */
  readonly makeRoom: () => void;
  readonly signal: AbortSignal | undefined;
}

/** Less than the code of a check itself takes. */
const MIN_HEAP_MIB = 12;

/**
 * The compilers between interpreter and optimizer take 3 MiB, and save a fifth of the time. The flags
 * are of the whole process and stay; from then on memory is known to be short.
 */
const KEEP_COMPILING_DOWN = ['--no-maglev', '--no-sparkplug'];

/** How often it is looked whether the container is full, where memory is tight. */
const LOOK_EVERY_MS = 3;

/** One at a time in the whole process: two would take the memory of two. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Does a task in a thread that has a heap of its own. A file that takes more memory than there is to
 * parse ends the thread, and is told as a finding, where it would else end the sidecar, again after
 * each restart; and meanwhile probes are answered. Rejects when `signal` aborts.
 */
export async function runInWorker(
  job: Job,
  { withinMs, makeRoom, signal }: JobOptions,
): Promise<TaskResult> {
  const { promise: turn, resolve: done } = Promise.withResolvers<void>();
  const before = last;
  last = turn;
  await before;
  try {
    signal?.throwIfAborted();
    makeRoom();
    return await run(job, withinMs, signal);
  } finally {
    done();
  }
}

async function run(job: Job, withinMs: number, signal?: AbortSignal): Promise<TaskResult> {
  const files = filesOf(job.task);
  const { heapMib, isTight } = memoryBudget(memoryNow(), sizeOf(files));
  const tooHeavy = (bound: string) => {
    const finding = findingOf('LG_VALIDATE_TOO_HEAVY', [bound], positionIn(files));
    return taskResult(checkResult([finding]));
  };
  const tooLarge = () => tooHeavy(`${Math.max(0, heapMib)} MiB of memory`);
  if (heapMib < MIN_HEAP_MIB) return tooLarge();
  if (isTight) for (const flag of KEEP_COMPILING_DOWN) setFlagsFromString(flag);
  // The flags of the first line would go before the limits that a worker is given, so they are
  // changed; the heap of this thread has its size already.
  setFlagsFromString(`--max-old-space-size=${heapMib}`);
  setFlagsFromString('--max-semi-space-size=1');
  const worker = new Worker(new URL(import.meta.url), sentOf(job));
  const { promise: end, resolve, reject } = Promise.withResolvers<TaskResult>();
  const cutOff = () => reject(signal?.reason);
  const timer = setTimeout(() => resolve(tooHeavy(formatDuration(withinMs))), withinMs);
  // A heap is no exact measure of what a thread takes, and the kernel would end the sidecar.
  const guard = () => isFull(memoryNow()) && resolve(tooLarge());
  const looks = isTight ? setInterval(guard, LOOK_EVERY_MS) : undefined;
  signal?.addEventListener('abort', cutOff);
  worker.once('message', resolve);
  worker.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve(tooLarge());
    else resolve(internalErrorResult(files, error));
  });
  worker.once('exit', (code) =>
    resolve(internalErrorResult(files, `the thread of the check ended with ${code}`)),
  );
  try {
    return await end;
  } finally {
    clearTimeout(timer);
    clearInterval(looks);
    signal?.removeEventListener('abort', cutOff);
    await worker.terminate();
  }
}

function filesOf(task: Task): readonly SnapshotFile[] {
  return 'file' in task ? [task.file] : task.files;
}

function sizeOf(files: readonly SnapshotFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/**
 * Getters, which a thread cannot be sent, become what they give; a Buffer becomes its bytes alone, in a
 * copy that the thread takes over.
 */
function sentOf({ task, ...job }: Job): WorkerOptions {
  const transferList: ArrayBuffer[] = [];
  const copyOf = (file: SnapshotFile): SnapshotFile => {
    if (file.bytes.buffer instanceof SharedArrayBuffer) return file;
    // A small Buffer is a part of a pool that holds other files as well, and would be sent whole.
    const bytes = new Uint8Array(file.bytes);
    transferList.push(bytes.buffer);
    return { ...file, bytes: bytes as Buffer };
  };
  const sent: Task =
    'file' in task
      ? { ...task, file: copyOf(task.file), active: task.active && copyOf(task.active) }
      : { files: task.files.map(copyOf), active: task.active?.map(copyOf) };
  return { workerData: { ...job, task: sent, modules: moduleCache }, transferList };
}

function bufferedOf(task: Task): Task {
  const back = (file: SnapshotFile) => ({ ...file, bytes: Buffer.from(file.bytes.buffer) });
  if ('file' in task) {
    const { file, before, active } = task;
    return { file: back(file), before, active: active && back(active) };
  }
  const { files, active } = task;
  return { files: files.map(back), active: active?.map(back) };
}

// This file, or the one file that it is built into, is what the thread runs.
if (!isMainThread && parentPort !== null) {
  const { modules, task, settings, schemas, meaning } = workerData as Sent;
  keep(modules);
  const read = async (path: string) => Buffer.from(schemas.get(path) ?? []);
  const work = bufferedOf(task);
  const watch = new Stopwatch();
  // What parsing takes has gone when ajv, CEL and the schemas come: they would not fit in beside it.
  const bare = await createChecks(settings.flatMap(withoutWhatIsLoaded), { read, meaning });
  const known = watch.time('parse', () => readEarly(work, bare));
  const checks = await createChecks(settings, { read, meaning });
  const judged = checkTask(work, checks, known);
  watch.add(judged.tookMs);
  parentPort.postMessage({ ...judged, tookMs: watch.tookMs });
}

/** Enough to know how a file is read. */
function withoutWhatIsLoaded(check: CheckSettings): readonly CheckSettings[] {
  return 'files' in check ? [{ ...check, schema: undefined, rules: [] }] : [];
}

/** The documents of a file whose format is known whatever it is held against. */
function readEarly(task: Task, checks: Checks): ParsedFile | undefined {
  if (!('file' in task)) return undefined;
  const { format } = applicableChecks(task.file, checks);
  if (format === undefined) return undefined;
  const read = readAs(format, task.file);
  if (!read.ok || fitsTwice(getHeapStatistics().heap_size_limit, task.file.bytes.length))
    return read;
  return { ok: true, documents: read.documents.map((each) => ({ ...each, isPlaceless: true })) };
}
