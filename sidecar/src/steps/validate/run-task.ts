import { filesOfView } from '@lastgood/core/formats/show-view.ts';
import { MAX_INLINE_BYTES, type SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { looksLikePem } from '../../checks/certificates/pem-file.ts';
import { TooHeavyHere } from '../../checks/too-heavy-here.ts';
import { runWithTimeout, TIMED_OUT } from '../../io/process/run-with-timeout.ts';
import { applicableChecks } from './applicable-checks.ts';
import type { TaskResult } from './check-file.ts';
import type { Checks } from './compile-checks.ts';
import { hasCrossFileChecks } from './cross-file.ts';
import { type CheckContext, checkTask, type Limits, type Task } from './task.ts';

/** Far above what real checks take, even at a tenth of a CPU. */
export const LIMITS: Limits = { inlineMs: 1_000, taskMs: 20_000, totalMs: 120_000 };

/** Additional time for each byte of a file: 100 s for 1 MiB. */
const MS_PER_BYTE = 0.1;

/** The limit of a task in a worker thread, within the rest for all tasks. Whole seconds, at least one. */
function taskMsOf(sizeBytes: number, leftMs: number, { taskMs }: Limits): number {
  const ms = Math.min(taskMs + sizeBytes * MS_PER_BYTE, leftMs);
  return Math.max(1, Math.round(ms / 1_000)) * 1_000;
}

/**
 * Runs a task: in this thread if it is quick, else in a worker thread with the time of the limits and the
 * available memory. Rejects only when `signal` aborts.
 *
 * @param leftMs - the rest of the time for all tasks
 */
export async function runTask(
  task: Task,
  context: CheckContext,
  leftMs: number,
  signal?: AbortSignal,
): Promise<TaskResult> {
  const { checks, limits } = context;
  const sizeBytes = parsedBytesOf(task, checks);
  if (sizeBytes <= MAX_INLINE_BYTES) {
    const result = runInline(task, context);
    if (result !== undefined) return result;
  }
  const { runInWorker } = await import('./worker-client.ts');
  return runInWorker(task, context, taskMsOf(sizeBytes, leftMs, limits), signal);
}

/** Undefined if it takes too much time or memory for this thread. */
function runInline(task: Task, { checks, limits, inline }: CheckContext): TaskResult | undefined {
  const work = () => checkTask(task, checks, { isInline: true });
  try {
    const ms = inline.isSlow ? limits.inlineMs / 10 : limits.inlineMs;
    const result = mayHang(task, checks) ? runWithTimeout(work, ms) : work();
    if (result !== TIMED_OUT) return result;
    // A snapshot with many such files must not block this thread for as many seconds.
    inline.isSlow = true;
  } catch (thrown) {
    if (!(thrown instanceof TooHeavyHere)) throw thrown;
  }
  return undefined;
}

/** Whether a check may never end, such as a pattern of a schema. */
function mayHang(task: Task, checks: Checks): boolean {
  if (!('file' in task))
    return hasCrossFileChecks({
      ...checks,
      views: checks.views.filter(({ schema }) => !schema.cost),
    });
  const { schemas, rules } = applicableChecks(task.file, checks);
  return rules.length > 0 || [...schemas].some(({ cost }) => cost === undefined);
}

/** Parsing takes the memory; the active file is parsed too if a rule compares with it. */
function parsedBytesOf(task: Task, checks: Checks): number {
  const sizeOf = (files: readonly SnapshotFile[] = []) =>
    files.reduce((sum, file) => sum + (isParsed(file, checks) ? file.bytes.length : 0), 0);
  if ('file' in task) {
    const { file, active } = task;
    const { rules } = applicableChecks(file, checks);
    const compares = rules.some((rule) => rule.compares);
    return sizeOf(active !== undefined && compares ? [file, active] : [file]);
  }
  const { rules, views } = checks;
  const ofViews = views.flatMap(({ view }) => filesOfView(task.files, view));
  const parsed = ofViews.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (rules === undefined) return parsed;
  return parsed + sizeOf(task.files) + (rules.compares ? sizeOf(task.active) : 0);
}

/** Whether the file is parsed, which takes time and memory; plain text is not. */
function isParsed(file: SnapshotFile, checks: Checks): boolean {
  if (looksLikePem(file)) return true;
  const { format, schemas, rules } = applicableChecks(file, checks);
  return format !== undefined && (format.name !== 'text' || schemas.size + rules.length > 0);
}
