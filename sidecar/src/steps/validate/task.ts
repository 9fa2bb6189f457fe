import type { ParsedFile } from '@lastgood/core/formats/parse-file.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { ModuleCache } from '../../checks/json-schema/module-cache.ts';
import type { CheckSettings } from '../../settings/settings.ts';
import { checkFile, type FileTask, type TaskResult } from './check-file.ts';
import type { Checks } from './compile-checks.ts';
import { type CrossFileTask, checkCrossFile } from './cross-file.ts';

/** The checks of one file, or those across files. */
export type Task = FileTask | CrossFileTask;

/** A task for a worker thread, with the settings and the schemas as they were read at the start. */
export interface Job {
  readonly task: Task;
  readonly settings: readonly CheckSettings[];
  /** By path. */
  readonly schemas: ReadonlyMap<string, Uint8Array>;
  readonly meaning: boolean;
}

/** A job as the worker thread gets it. */
export interface WorkerJob extends Job {
  readonly modules: ModuleCache;
}

/** Runs a task in this thread. Never throws. */
export function checkTask(task: Task, checks: Checks, known?: ParsedFile): TaskResult {
  return 'file' in task ? checkFile(task, checks, known) : checkCrossFile(task, checks);
}

/** A task with other versions of its files, such as copies. */
export function mapFiles(task: Task, change: (file: SnapshotFile) => SnapshotFile): Task {
  return 'file' in task
    ? { ...task, file: change(task.file), active: task.active && change(task.active) }
    : { files: task.files.map(change), active: task.active?.map(change) };
}
