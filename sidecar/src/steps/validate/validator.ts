import { readFile } from 'node:fs/promises';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { type Finding, type Verdict, verdictOf } from '@lastgood/core/model/finding.ts';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { checkCertificates } from '../../checks/certificates/certificates.ts';
import {
  type CheckResult,
  checkResult,
  isRejection,
  listFindings,
  mergeResults,
  NO_FINDINGS,
} from '../../checks/check-result.ts';
import { checkFileNames } from '../../checks/drift/check-drift.ts';
import type { BundleSettings, CheckSettings, ExecSettings } from '../../settings/settings.ts';
import { isPem } from './applicable-checks.ts';
import { type TaskResult, taskResult } from './check-file.ts';
import { type Checks, createChecks, missingFiles } from './compile-checks.ts';
import { hasCrossFileChecks } from './cross-file.ts';
import { type FileBaseline, FileChecker, type FileVerdict } from './file-checker.ts';
import { LIMITS, type Limits } from './limits.ts';
import { runTask, type Task } from './run-task.ts';
import { type CheckKind, Stopwatch } from './stopwatch.ts';

/** What a new snapshot is held against; null where there is none. */
export interface Baseline {
  /** The newest one that the app ever ran on: its shape is the schema where none is written. */
  readonly lastGood: Snapshot | null;
  /** The one that the app runs on now. */
  readonly active: Snapshot | null;
}

/** A verdict, and what else is known of the snapshot. */
export type Validated = Verdict & {
  /** As the active one, so that nobody has to be told of it. */
  readonly meansTheSame: boolean;
  /** It is rejected for what may pass by itself, so it is to be checked again later. */
  readonly mayPass: boolean;
};

/** A snapshot is accepted unless a finding is an error. Rejects only when the signal aborts. */
export type Validator = (
  snapshot: Snapshot,
  standing?: Baseline,
  signal?: AbortSignal,
) => Promise<Validated>;

/** Runs a command of the settings on a copy of a snapshot. Rejects only when the signal aborts. */
export type RunCommand = (
  snapshot: Snapshot,
  settings: ExecSettings,
  signal?: AbortSignal,
) => Promise<readonly Finding[]>;

export interface ValidatorOptions {
  /** With `meaning`, `meansTheSame` is found out; else it is never true. */
  readonly reloadOn?: BundleSettings['reloadOn'];
  /** Left out where no command may be run. */
  readonly runCommand?: RunCommand | undefined;
  /** Called before something that needs much memory. */
  readonly makeRoom?: () => void;
  /** Called once for each kind of check that looked at a snapshot. */
  readonly onChecked?: (kind: CheckKind, ms: number) => void;
  readonly limits?: Limits;
  /** Milliseconds since the epoch: certificates end. */
  readonly wallMs?: () => number;
}

/** What these say depends on more than the content. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['LG_VALIDATE_EXEC_FAULT', 'LG_VALIDATE_NOT_YET']);

const NOTHING: Baseline = { lastGood: null, active: null };

/**
 * Reads and compiles the schemas and rules once, and runs the modules among the schemas. Rejects with
 * `LG_SETTINGS_SCHEMA` for a schema that is missing, cannot be parsed or is none, and with
 * `LG_SETTINGS_RULE` for a rule that cannot be right. A schema that changes later is not seen.
 */
export async function createValidator(
  settings: readonly CheckSettings[],
  { limits = LIMITS, makeRoom = () => {}, ...options }: ValidatorOptions = {},
): Promise<Validator> {
  const { reloadOn = 'bytes', onChecked = () => {}, wallMs = Date.now, runCommand } = options;
  const schemas = new Map<string, Buffer>();
  const read = async (path: string) => {
    const bytes = await readFile(path);
    schemas.set(path, bytes);
    return bytes;
  };
  const checks = await createChecks(settings, { read, meaning: reloadOn === 'meaning' });
  const workshop = { settings, checks, schemas, makeRoom, limits };
  const judge = new FileChecker(comparesFiles(checks));
  return async (snapshot, standing = NOTHING, signal) => {
    const watch = new Stopwatch();
    const endsAtMs = performance.now() + limits.totalMs;
    const run = async (task: Task): Promise<TaskResult> => {
      const judged = await runTask(task, workshop, endsAtMs - performance.now(), signal);
      watch.add(judged.tookMs);
      return judged;
    };
    const { files } = snapshot;
    const missing = missingFiles(checks, files);
    const verdicts = await judge.check(files, comparisonBaseline(standing), run);
    const alone = mergeResults([
      ...verdicts.map(({ judgement }) => judgement),
      ofNames(files, standing, missing, checks),
      watch.time('certificates', () => ofCertificates(files, checks, wallMs())),
    ]);
    // What is to be said of a change is no reason not to look at the files together.
    const isSound = !isRejection(missing) && verdicts.every((verdict) => verdict.isSound);
    const jointly =
      isSound && hasCrossFileChecks(checks)
        ? await run({ files, active: standing.active?.files })
        : taskResult(NO_FINDINGS);
    let found = mergeResults([alone, jointly.own]);
    // What costs a process would most likely only echo a no.
    for (const exec of isRejection(found) ? [] : checks.execs) {
      const ask = async () => (await runCommand?.(snapshot, exec, signal)) ?? [];
      found = mergeResults([found, checkResult(await watch.timeAsync('exec', ask))]);
    }
    for (const [kind, ms] of watch.kinds()) onChecked(kind, ms);
    return {
      ...verdictOf(listFindings(found)),
      meansTheSame: isSame(standing, files, verdicts),
      mayPass: mayPass(found),
    };
  };
}

/** Whether changed files are held against what they were. */
function comparesFiles({ shape, meaning, files }: Checks): boolean {
  return shape !== 'off' || meaning || files.some(({ rules }) => rules !== undefined);
}

/** The files that are missing, and those that came or went; none is told twice. */
function ofNames(
  files: readonly SnapshotFile[],
  { lastGood }: Baseline,
  missing: CheckResult,
  { shape }: Checks,
): CheckResult {
  const told = new Set(missing.findings.map(({ location }) => location?.file));
  const names = lastGood === null ? [] : checkFileNames(files, lastGood.files, shape);
  return mergeResults([
    missing,
    checkResult(names.filter(({ location }) => !told.has(location?.file))),
  ]);
}

function ofCertificates(
  files: readonly SnapshotFile[],
  checks: Checks,
  nowMs: number,
): CheckResult {
  const isRead = (file: SnapshotFile) => isPem(file, checks);
  return checkResult(checkCertificates(files, isRead, nowMs));
}

function comparisonBaseline({ lastGood, active }: Baseline): FileBaseline {
  const isActive = active !== null && active.version === lastGood?.version;
  return { lastGood: lastGood?.files ?? [], isActive };
}

function mayPass({ findings }: CheckResult): boolean {
  const errors = findings.filter(({ severity }) => severity === 'error');
  return errors.length > 0 && errors.every(({ code }) => PASSING.has(code));
}

function isSame(
  { lastGood, active }: Baseline,
  files: readonly SnapshotFile[],
  verdicts: readonly FileVerdict[],
): boolean {
  if (active === null || active.version !== lastGood?.version) return false;
  const isEach = verdicts.every(({ meansTheSame }) => meansTheSame);
  return isEach && active.files.length === files.length;
}
