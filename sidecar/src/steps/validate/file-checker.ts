import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { PemFile } from '../../checks/certificates/pem-file.ts';
import {
  type CheckResult,
  isRejection,
  mergeResults,
  NO_FINDINGS,
} from '../../checks/check-result.ts';
import type { FileTask, TaskResult } from './check-file.ts';

/** Runs the checks of one file, in any thread. Rejects only when it is aborted. */
type RunFileCheck = (task: FileTask) => Promise<TaskResult>;

/** The cached result of a content. */
interface Cached {
  readonly result: TaskResult;
  /** Key of the last good content that it was compared with. */
  readonly baseline: string | undefined;
}

/** The files that a new snapshot is compared with. */
interface FileBaseline {
  readonly lastGood: readonly SnapshotFile[];
  /** The app runs on them now, so rules can compare. */
  readonly isActive: boolean;
}

/** The result for a file of the new snapshot. */
interface FileVerdict {
  readonly result: CheckResult;
  /** Its content is accepted, whatever the findings about the change. */
  readonly isSound: boolean;
  /** Its certificates and keys. */
  readonly pem: PemFile | undefined;
  /** It means the same as in the last good version. */
  readonly isEquivalent: boolean;
}

/** Checks files, each content once: its findings stay the same while it does not change. */
export class FileChecker {
  /** Results of the newest and the last good snapshot, without any values. */
  readonly #cache = new Map<string, Cached>();
  readonly #compares: boolean;

  /** @param compares - whether changed files are compared with the last good version */
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
    // One after the other: in parallel, they would take the memory of all.
    for (const file of files) {
      const last = before.get(file.path);
      const isUnchanged = last !== undefined && keyOf(last) === keyOf(file);
      if (last === undefined || isUnchanged || !this.#compares) {
        const alone = { ...(await this.#resultOf(file, run)), change: NO_FINDINGS };
        verdicts.push(verdictOf(alone, isUnchanged));
      } else verdicts.push(await this.#compare(last, file, { isActive, run }));
    }
    const kept = new Set([...files, ...lastGood].map(keyOf));
    for (const key of this.#cache.keys()) if (!kept.has(key)) this.#cache.delete(key);
    return verdicts;
  }

  async #compare(
    last: SnapshotFile,
    file: SnapshotFile,
    { isActive, run }: { readonly isActive: boolean; readonly run: RunFileCheck },
  ): Promise<FileVerdict> {
    // Cached since it was checked itself, unless the sidecar was restarted.
    const { shapes, meaning } = await this.#resultOf(last, run);
    const cached = this.#cache.get(keyOf(file));
    const baseline = `${isActive} ${keyOf(last)}`;
    const task = { file, before: shapes, active: isActive ? last : undefined };
    const result = cached?.baseline === baseline ? cached.result : await run(task);
    this.#remember(file, { result, baseline });
    return verdictOf(result, meaning !== undefined && meaning === result.meaning);
  }

  async #resultOf(file: SnapshotFile, run: RunFileCheck): Promise<TaskResult> {
    const cached = this.#cache.get(keyOf(file));
    if (cached !== undefined) return cached.result;
    const result = await run({ file, before: undefined, active: undefined });
    this.#remember(file, { result, baseline: undefined });
    return result;
  }

  /** What failed for lack of memory or time is checked again. */
  #remember(file: SnapshotFile, cached: Cached): void {
    if (cached.result.mayPass !== true) this.#cache.set(keyOf(file), cached);
  }
}

function verdictOf({ own, change, pem }: TaskResult, isEquivalent: boolean): FileVerdict {
  return { result: mergeResults([own, change]), isSound: !isRejection(own), pem, isEquivalent };
}

function keyOf({ path, sha256, secret }: SnapshotFile): string {
  return `${sha256} ${secret} ${path}`;
}
