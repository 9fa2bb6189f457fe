import { readFile } from 'node:fs/promises';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { type Finding, type Verdict, verdictOf } from '@lastgood/core/model/finding.ts';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { checkCertificates } from '../../checks/certificates/certificates.ts';
import {
  type CheckResult,
  isRejection,
  listFindings,
  mergeResults,
  NO_FINDINGS,
} from '../../checks/check-result.ts';
import { checkFileNames } from '../../checks/drift/check-drift.ts';
import type { BundleSettings, CheckSettings, ExecSettings } from '../../settings/settings.ts';
import { createAppChecks } from './app-checks.ts';
import type { TaskResult } from './check-file.ts';
import {
  type Checks,
  createChecks,
  createUnmatchedFinder,
  missingFiles,
} from './compile-checks.ts';
import { hasCrossFileChecks } from './cross-file.ts';
import { FileChecker } from './file-checker.ts';
import { LIMITS, runTask } from './run-task.ts';
import { type CheckKind, Stopwatch } from './stopwatch.ts';
import type { SubscriberSchemas } from './subscriber-schemas.ts';
import type { CheckContext, Limits, Task } from './task.ts';

/** The versions that a new snapshot is compared with; null if there is none. */
interface Baseline {
  /** The newest version that the app ever ran on: its shape is checked where there is no schema. */
  readonly lastGood: Snapshot | null;
  /** The version that the app runs on now. */
  readonly active: Snapshot | null;
}

/** A verdict, and how to continue. */
export type Validated = Verdict & {
  /** It means the same as the active version, so the targets need no notification. */
  readonly isEquivalent: boolean;
  /** It is rejected for a reason that may pass without a change, so it must be checked again later. */
  readonly mayPass: boolean;
};

/** Validates a snapshot: it is accepted unless a finding is an error. Rejects only when the signal aborts. */
export type Validator = (
  snapshot: Snapshot,
  baseline?: Baseline,
  signal?: AbortSignal,
) => Promise<Validated>;

/** Runs a command of the settings on a copy of a snapshot. Rejects only when the signal aborts. */
export type RunCommand = (
  snapshot: Snapshot,
  settings: ExecSettings,
  signal?: AbortSignal,
) => Promise<readonly Finding[]>;

export interface ValidatorOptions {
  /** `isEquivalent` is only set with `meaning`; otherwise it is false. */
  readonly reloadOn?: BundleSettings['reloadOn'];
  /** Left out if commands must not run. */
  readonly runCommand?: RunCommand | undefined;
  /** Called before work that needs much memory. */
  readonly makeRoom?: () => void;
  /** Called once for each probable mistake in a schema, and for a check of files that there are not. */
  readonly onSettingsWarning?: (finding: Finding) => void;
  /** Called once for each kind of check that ran on a snapshot. */
  readonly onChecked?: (kind: CheckKind, ms: number) => void;
  /** What connected apps take, checked after the settings' own checks. */
  readonly subscriberSchemas?: Pick<SubscriberSchemas, 'list'>;
  readonly limits?: Limits;
  /** Milliseconds since the epoch, for certificates. */
  readonly wallMs?: () => number;
}

/** Codes of findings that depend on more than the content. A command may look up a name, or the time. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  'LG_VALIDATE_EXEC',
  'LG_VALIDATE_EXEC_FAULT',
  'LG_VALIDATE_NOT_YET',
  'LG_VALIDATE_TOO_HEAVY',
]);

const NO_BASELINE: Baseline = { lastGood: null, active: null };

/**
 * Creates a validator. Reads and compiles the schemas and rules once, and runs the schema modules; later
 * changes of a schema are not seen. Rejects with `LG_SETTINGS_SCHEMA` for a schema that cannot be used,
 * and with `LG_SETTINGS_RULE` for a rule that cannot be right.
 */
export async function createValidator(
  settings: readonly CheckSettings[],
  { limits = LIMITS, makeRoom = () => {}, ...options }: ValidatorOptions = {},
): Promise<Validator> {
  const {
    reloadOn = 'bytes',
    onChecked = () => {},
    onSettingsWarning = () => {},
    wallMs = Date.now,
    runCommand,
    subscriberSchemas,
  } = options;
  const schemas = new Map<string, Buffer>();
  const read = async (path: string) => {
    const bytes = await readFile(path);
    schemas.set(path, bytes);
    return bytes;
  };
  const checks = await createChecks(settings, { read, meaning: reloadOn === 'meaning' });
  const schemasOfChecks = [...checks.files, ...checks.keys].flatMap(({ schema }) => schema ?? []);
  for (const { warnings = [] } of new Set(schemasOfChecks)) warnings.forEach(onSettingsWarning);
  const shared = { settings, checks, schemas, makeRoom, limits };
  const { shape, meaning } = checks;
  const comparesFiles = shape !== 'off' || meaning || checks.files.some(({ rules }) => rules);
  const checker = new FileChecker(comparesFiles);
  const findUnmatched = createUnmatchedFinder(checks);
  const checkForApps = createAppChecks(() => subscriberSchemas?.list() ?? []);
  return async (snapshot, baseline = NO_BASELINE, signal) => {
    const watch = new Stopwatch();
    const context = { ...shared, inline: { isSlow: false } };
    const endsAtMs = performance.now() + limits.totalMs;
    const run = async (task: Task, of: CheckContext = context): Promise<TaskResult> => {
      const result = await runTask(task, of, endsAtMs - performance.now(), signal);
      watch.add(result.tookMs);
      return result;
    };
    const { files } = snapshot;
    findUnmatched(files).forEach(onSettingsWarning);
    const missing = missingFiles(checks, files);
    const { active, lastGood } = baseline;
    const isActive = active !== null && active.version === lastGood?.version;
    const verdicts = await checker.check(
      files,
      { lastGood: lastGood?.files ?? [], isActive },
      (task) => run(task),
    );
    const single = mergeResults([
      ...verdicts.map(({ result }) => result),
      checkNames(files, baseline, missing, checks),
      watch.time('certificates', () => {
        const read = verdicts.flatMap(({ pem }) => pem ?? []);
        return { findings: checkCertificates(files, read, wallMs()) };
      }),
    ]);
    // Findings about a change do not prevent the checks across files.
    const isSound = !isRejection(missing) && verdicts.every((verdict) => verdict.isSound);
    const crossFile =
      isSound && hasCrossFileChecks(checks)
        ? (await run({ files, active: active?.files })).own
        : NO_FINDINGS;
    let found = mergeResults([single, crossFile]);
    // The apps would mostly repeat a rejection.
    if (!isRejection(found)) found = mergeResults([found, await checkForApps(files, context, run)]);
    // A command costs a process, and would most likely only repeat a rejection.
    for (const exec of isRejection(found) ? [] : checks.execs) {
      const startedMs = performance.now();
      const findings = (await runCommand?.(snapshot, exec, signal)) ?? [];
      watch.add({ exec: performance.now() - startedMs });
      found = mergeResults([found, { findings }]);
    }
    watch.report(onChecked);
    const errors = found.findings.filter(({ severity }) => severity === 'error');
    return {
      ...verdictOf(listFindings(found)),
      isEquivalent:
        isActive &&
        active.files.length === files.length &&
        verdicts.every((verdict) => verdict.isEquivalent),
      mayPass: errors.length > 0 && errors.every(({ code }) => TRANSIENT.has(code)),
    };
  };
}

/** Missing files, and files that were added or removed, each once. */
function checkNames(
  files: readonly SnapshotFile[],
  { lastGood }: Baseline,
  missing: CheckResult,
  { shape }: Checks,
): CheckResult {
  const reported = new Set(missing.findings.map(({ location }) => location?.file));
  const names = lastGood === null ? [] : checkFileNames(files, lastGood.files, shape);
  return mergeResults([
    missing,
    { findings: names.filter(({ location }) => !reported.has(location?.file)) },
  ]);
}
