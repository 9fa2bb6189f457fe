import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { ModuleCache } from '../../checks/json-schema/module-cache.ts';
import type { CheckSettings } from '../../settings/settings.ts';
import { checkFile, type FileTask, type TaskOptions, type TaskResult } from './check-file.ts';
import type { Checks, ViewSettings } from './compile-checks.ts';
import { type CrossFileTask, checkCrossFile } from './cross-file.ts';

/** The checks of one file, or those across files. */
export type Task = FileTask | CrossFileTask;

/** Time limits of checks, in milliseconds. */
export interface Limits {
  /** In the main thread, which is blocked meanwhile; after one task that took so long, a tenth of it. */
  readonly inlineMs: number;
  /** For a task in a worker thread; tasks with large files get more, in proportion. */
  readonly taskMs: number;
  /** For all tasks of a snapshot. */
  readonly totalMs: number;
}

/** The settings and resources of all tasks. */
export interface CheckContext {
  readonly settings: readonly CheckSettings[];
  /** Compiled from these settings. */
  readonly checks: Checks;
  /** The schema files when the checks were created, by path. */
  readonly schemas: ReadonlyMap<string, Uint8Array>;
  /** Of which checks are compiled too. */
  readonly views?: readonly ViewSettings[];
  /** Called before work that needs much memory. */
  readonly makeRoom: () => void;
  readonly limits: Limits;
  /** Of one snapshot: whether a task reached its time limit in the main thread. */
  readonly inline: { isSlow: boolean };
}

/** A task for a worker thread, with the settings, schemas and modules as they were at the start. */
export interface Job extends Pick<CheckContext, 'settings' | 'schemas' | 'views'> {
  readonly task: Task;
  readonly modules: ModuleCache;
  readonly meaning: boolean;
}

/** Runs a task in this thread. Throws only `TooHeavyHere`, and only with `isInline`. */
export function checkTask(task: Task, checks: Checks, options: TaskOptions): TaskResult {
  return 'file' in task ? checkFile(task, checks, options) : checkCrossFile(task, checks, options);
}

/** A task with other versions of its files, such as copies. */
export function mapFiles(task: Task, change: (file: SnapshotFile) => SnapshotFile): Task {
  return 'file' in task
    ? { ...task, file: change(task.file), active: task.active && change(task.active) }
    : { files: task.files.map(change), active: task.active?.map(change) };
}
