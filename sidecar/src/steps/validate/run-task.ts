import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { ParsedFile } from '../../checks/parse-file.ts';
import type { CheckSettings } from '../../settings/settings.ts';
import { applicableChecks, isParsed, mayHang } from './applicable-checks.ts';
import { checkFile, type FileTask, type TaskResult } from './check-file.ts';
import type { Checks } from './compile-checks.ts';
import { type CrossFileTask, checkCrossFile, hasCrossFileChecks } from './cross-file.ts';
import { type Limits, taskMsOf } from './limits.ts';
import { runWithTimeout, TIMED_OUT } from './run-with-timeout.ts';

/** The checks of one file, or those that look at several. */
export type Task = FileTask | CrossFileTask;

/**
 * A larger file is checked in a thread of its own. What parsing takes depends on what is in the
 * file: for one of this size up to 15 MB, which the heap of the sidecar has to spare.
 */
export const MAX_INLINE_BYTES = 32 * 2 ** 10;

/** What files are checked with. */
export interface CheckContext {
  readonly settings: readonly CheckSettings[];
  /** Of these settings. */
  readonly checks: Checks;
  /** What the schema files held when the checks were created, by path. */
  readonly schemas: ReadonlyMap<string, Uint8Array>;
  /** Called before something that needs much memory. */
  readonly makeRoom: () => void;
  readonly limits: Limits;
}

/**
 * Does a task: here if that is quick, else in a thread of its own, where it may take as long as the
 * limits say and as much memory as there is. Rejects only when `signal` aborts.
 *
 * @param leftMs - what is left of the time for all tasks
 */
export async function runTask(
  task: Task,
  { settings, checks, schemas, makeRoom, limits }: CheckContext,
  leftMs: number,
  signal?: AbortSignal,
): Promise<TaskResult> {
  const sizeBytes = parsedBytesOf(task, checks);
  const isSmall = sizeBytes <= MAX_INLINE_BYTES;
  const here = isSmall ? runHere(task, checks, limits) : TIMED_OUT;
  if (here !== TIMED_OUT) return here;
  const { runInWorker } = await import('./worker.ts');
  const withinMs = taskMsOf(sizeBytes, leftMs, limits);
  const { meaning } = checks;
  return runInWorker({ task, settings, schemas, meaning }, { withinMs, makeRoom, signal });
}

function runHere(task: Task, checks: Checks, { inlineMs }: Limits): TaskResult | typeof TIMED_OUT {
  const work = () => checkTask(task, checks);
  const isQuick = 'file' in task ? !mayHang(task.file, checks) : !hasCrossFileChecks(checks);
  return isQuick ? work() : runWithTimeout(work, inlineMs);
}

/** Does a task in this thread. Never throws. */
export function checkTask(task: Task, checks: Checks, known?: ParsedFile): TaskResult {
  return 'file' in task ? checkFile(task, checks, known) : checkCrossFile(task, checks);
}

/** Parsing is what takes memory, and what is active is parsed where a rule compares with it. */
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
