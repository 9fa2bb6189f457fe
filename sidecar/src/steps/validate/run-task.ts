import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { ParsedFile } from '../../checks/parse-file.ts';
import type { CheckSettings } from '../../settings/settings.ts';
import { isParsed, mayHang, readingOf } from './applicable-checks.ts';
import { type FileTask, type Judged, judgeFile } from './check-file.ts';
import type { Checks } from './compile-checks.ts';
import { hasJointChecks, type JointTask, judgeJointly } from './cross-file.ts';
import { type Limits, taskMsOf } from './limits.ts';
import { bounded, CUT_OFF } from './run-with-timeout.ts';

/** The checks of one file, or those that look at several. */
export type Task = FileTask | JointTask;

/**
 * A larger file is checked in a thread of its own. What parsing takes depends on what is in the
 * file: for one of this size up to 15 MB, which the heap of the sidecar has to spare.
 */
export const MAX_INLINE_BYTES = 32 * 2 ** 10;

/** What files are checked with. */
export interface Workshop {
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
  { settings, checks, schemas, makeRoom, limits }: Workshop,
  leftMs: number,
  signal?: AbortSignal,
): Promise<Judged> {
  const sizeBytes = parsedBytesOf(task, checks);
  const isSmall = sizeBytes <= MAX_INLINE_BYTES;
  const here = isSmall ? runHere(task, checks, limits) : CUT_OFF;
  if (here !== CUT_OFF) return here;
  const { judgeInThread } = await import('./worker.ts');
  const withinMs = taskMsOf(sizeBytes, leftMs, limits);
  const { meaning } = checks;
  return judgeInThread({ task, settings, schemas, meaning }, { withinMs, makeRoom, signal });
}

function runHere(task: Task, checks: Checks, { inlineMs }: Limits): Judged | typeof CUT_OFF {
  const work = () => judge(task, checks);
  const isQuick = 'file' in task ? !mayHang(task.file, checks) : !hasJointChecks(checks);
  return isQuick ? work() : bounded(work, inlineMs);
}

/** Does a task in this thread. Never throws. */
export function judge(task: Task, checks: Checks, known?: ParsedFile): Judged {
  return 'file' in task ? judgeFile(task, checks, known) : judgeJointly(task, checks);
}

/** Parsing is what takes memory, and what is active is parsed where a rule compares with it. */
function parsedBytesOf(task: Task, checks: Checks): number {
  const sizeOf = (files: readonly SnapshotFile[] = []) =>
    files.reduce((sum, file) => sum + (isParsed(file, checks) ? file.bytes.length : 0), 0);
  if ('file' in task) {
    const { file, active } = task;
    const { rules } = readingOf(file, checks);
    const compares = rules.some((rule) => rule.compares);
    return sizeOf(active !== undefined && compares ? [file, active] : [file]);
  }
  const { rules } = checks;
  if (rules === undefined) return 0;
  return sizeOf(task.files) + (rules.compares ? sizeOf(task.active) : 0);
}
