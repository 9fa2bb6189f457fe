import { MAX_INLINE_BYTES, type SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { CheckSettings } from '../../settings/settings.ts';
import { applicableChecks, isParsed, mayHang } from './applicable-checks.ts';
import type { TaskResult } from './check-file.ts';
import type { Checks } from './compile-checks.ts';
import { hasCrossFileChecks } from './cross-file.ts';
import { type Limits, taskMsOf } from './limits.ts';
import { runWithTimeout, TIMED_OUT } from './run-with-timeout.ts';
import { checkTask, type Task } from './task.ts';

/** The settings and resources of all tasks. */
export interface CheckContext {
  readonly settings: readonly CheckSettings[];
  /** Compiled from these settings. */
  readonly checks: Checks;
  /** The schema files when the checks were created, by path. */
  readonly schemas: ReadonlyMap<string, Uint8Array>;
  /** Called before work that needs much memory. */
  readonly makeRoom: () => void;
  readonly limits: Limits;
}

/**
 * Runs a task: in this thread if it is quick, else in a worker thread with the time of the limits and the
 * available memory. Rejects only when `signal` aborts.
 *
 * @param leftMs - the rest of the time for all tasks
 */
export async function runTask(
  task: Task,
  { settings, checks, schemas, makeRoom, limits }: CheckContext,
  leftMs: number,
  signal?: AbortSignal,
): Promise<TaskResult> {
  const sizeBytes = parsedBytesOf(task, checks);
  const isSmall = sizeBytes <= MAX_INLINE_BYTES;
  const result = isSmall ? runInline(task, checks, limits) : TIMED_OUT;
  if (result !== TIMED_OUT) return result;
  const { runInWorker } = await import('./worker-client.ts');
  const withinMs = taskMsOf(sizeBytes, leftMs, limits);
  const { meaning } = checks;
  return runInWorker({ task, settings, schemas, meaning }, { withinMs, makeRoom, signal });
}

function runInline(
  task: Task,
  checks: Checks,
  { inlineMs }: Limits,
): TaskResult | typeof TIMED_OUT {
  const work = () => checkTask(task, checks);
  const isQuick = 'file' in task ? !mayHang(task.file, checks) : !hasCrossFileChecks(checks);
  return isQuick ? work() : runWithTimeout(work, inlineMs);
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
  const { rules } = checks;
  if (rules === undefined) return 0;
  return sizeOf(task.files) + (rules.compares ? sizeOf(task.active) : 0);
}
