import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import {
  type CheckResult,
  isRejection,
  mergeResults,
  NO_FINDINGS,
} from '../../checks/check-result.ts';
import type { FileTask, TaskResult } from './check-file.ts';

/** Runs the checks of one file, wherever. Rejects only when it is aborted. */
export type RunFileCheck = (task: FileTask) => Promise<TaskResult>;

/** What was found in a content, and beside which other one. */
interface Known {
  readonly judged: TaskResult;
  /** The last good content that it was held against. */
  readonly beside: string | undefined;
}

/** What the new snapshot is held against. */
export interface FileBaseline {
  readonly lastGood: readonly SnapshotFile[];
  /** The app runs on it now, so that a change can be judged. */
  readonly isActive: boolean;
}

/** What is to be said of a file of the new snapshot. */
export interface FileVerdict {
  readonly judgement: CheckResult;
  /** Its content is accepted for itself, whatever is to be said of the change. */
  readonly isSound: boolean;
  /** It says the same as in the last good version. */
  readonly meansTheSame: boolean;
}

/** Judges files, each content once: its findings cannot differ while it does not change. */
export class FileChecker {
  /** Only of the newest snapshot and the last good one, and never a value of theirs. */
  readonly #known = new Map<string, Known>();
  readonly #compares: boolean;

  /** @param compares - whether changed files are held against those of the last good version */
  constructor(compares: boolean) {
    this.#compares = compares;
  }

  /** In the order of the files. */
  async check(
    files: readonly SnapshotFile[],
    { lastGood, isActive }: FileBaseline,
    run: RunFileCheck,
  ): Promise<readonly FileVerdict[]> {
    const before = new Map(lastGood.map((file) => [file.path, file]));
    const verdicts: FileVerdict[] = [];
    // One after the other: together, they would take the memory of all.
    for (const file of files) {
      const last = before.get(file.path);
      const isKept = last !== undefined && keyOf(last) === keyOf(file);
      verdicts.push(
        last === undefined || isKept || !this.#compares
          ? verdictOf(await this.#alone(file, run), isKept)
          : await this.#beside(last, file, { isActive, run }),
      );
    }
    const kept = new Set([...files, ...lastGood].map(keyOf));
    for (const key of this.#known.keys()) if (!kept.has(key)) this.#known.delete(key);
    return verdicts;
  }

  async #alone(file: SnapshotFile, run: RunFileCheck): Promise<TaskResult> {
    return { ...(await this.#judged(file, run)), change: NO_FINDINGS };
  }

  async #beside(
    last: SnapshotFile,
    file: SnapshotFile,
    { isActive, run }: { readonly isActive: boolean; readonly run: RunFileCheck },
  ): Promise<FileVerdict> {
    // Known since it was judged itself, unless the sidecar was started anew since.
    const { shapes, meaning } = await this.#judged(last, run);
    const known = this.#known.get(keyOf(file));
    const beside = `${isActive} ${keyOf(last)}`;
    const task = { file, before: shapes, active: isActive ? last : undefined };
    const judged = known?.beside === beside ? known.judged : await run(task);
    this.#known.set(keyOf(file), { judged, beside });
    return verdictOf(judged, meaning !== undefined && meaning === judged.meaning);
  }

  async #judged(file: SnapshotFile, run: RunFileCheck): Promise<TaskResult> {
    const known = this.#known.get(keyOf(file));
    if (known !== undefined) return known.judged;
    const judged = await run({ file, before: undefined, active: undefined });
    this.#known.set(keyOf(file), { judged, beside: undefined });
    return judged;
  }
}

function verdictOf({ own, change }: TaskResult, meansTheSame: boolean): FileVerdict {
  return { judgement: mergeResults([own, change]), isSound: !isRejection(own), meansTheSame };
}

function keyOf({ path, sha256, secret }: SnapshotFile): string {
  return `${sha256} ${secret} ${path}`;
}
