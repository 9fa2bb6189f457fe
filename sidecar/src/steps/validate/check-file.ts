import type { Document } from '@lastgood/core/formats/format.ts';
import type { ParsedFile } from '@lastgood/core/formats/parse-file.ts';
import { semanticDigest } from '@lastgood/core/formats/semantic-digest.ts';
import { findingOf, reasonOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { looksLikePem, type PemFile, readPemFile } from '../../checks/certificates/pem-file.ts';
import {
  type CheckResult,
  locateInDocument,
  mergeResults,
  NO_FINDINGS,
  type ValueIssues,
} from '../../checks/check-result.ts';
import { checkDrift } from '../../checks/drift/check-drift.ts';
import { type Shape, shapesOf } from '../../checks/drift/shape.ts';
import { TooManyErrors } from '../../checks/json-schema/error-budget.ts';
import { lintSecrets } from '../../checks/secret-lint/secret-lint.ts';
import { TooHeavyHere } from '../../checks/too-heavy-here.ts';
import { type ApplicableChecks, applicableChecks, readAs } from './applicable-checks.ts';
import type { Checks } from './compile-checks.ts';
import { Stopwatch, type TookMs } from './stopwatch.ts';
import { assertLight } from './weight.ts';

/** A file, and what it is compared with. */
export interface FileTask {
  readonly file: SnapshotFile;
  /** Its shapes in the last good version, if there is something to compare. */
  readonly before: readonly Shape[] | undefined;
  /** Its content in the active version, if it changed. */
  readonly active: SnapshotFile | undefined;
}

/** The findings and other results of a task. */
export interface TaskResult {
  /** From the content alone. */
  readonly own: CheckResult;
  /** From the differences to the last good version. */
  readonly change: CheckResult;
  /** A shape for each document; undefined if the file could not be parsed. */
  readonly shapes: readonly Shape[] | undefined;
  /** The semantic digest of its documents, if requested and known. Must never be shown (P8). */
  readonly meaning: string | undefined;
  /** Its certificates and keys, for the checks across files; undefined if it is not PEM. */
  readonly pem?: PemFile | undefined;
  /** It is rejected for lack of memory or time, which there may be later. */
  readonly mayPass?: boolean;
  readonly tookMs: TookMs;
}

/** Where a task runs, and what is known. */
export interface TaskOptions {
  /** Its documents, if they have been parsed already. */
  readonly known?: ParsedFile | undefined;
  /** In the main thread: throws `TooHeavyHere` before or while it takes much. */
  readonly isInline?: boolean;
}

/** Runs every check of one file, the cheap ones first. Otherwise never throws. */
export function checkFile(task: FileTask, checks: Checks, options: TaskOptions = {}): TaskResult {
  const watch = new Stopwatch();
  try {
    return { ...runChecks(task, checks, watch, options), tookMs: watch.tookMs };
  } catch (thrown) {
    rethrowIfHeavy(thrown, options);
    return { ...internalErrorResult([task.file], thrown), tookMs: watch.tookMs };
  }
}

/** In a worker thread, too many errors make the file too heavy; here, it is tried there. */
export function rethrowIfHeavy(thrown: unknown, { isInline = false }: TaskOptions): void {
  if (thrown instanceof TooHeavyHere) throw thrown;
  if (isInline && thrown instanceof TooManyErrors) throw new TooHeavyHere();
}

/** A result from contents alone. */
export function taskResult(own: CheckResult): TaskResult {
  return { own, change: NO_FINDINGS, shapes: undefined, meaning: undefined, tookMs: {} };
}

/** A bug in a check must not end the sidecar, accept the file or show a secret (P8). */
export function internalErrorResult(files: readonly SnapshotFile[], thrown: unknown): TaskResult {
  if (thrown instanceof TooManyErrors) return tooHeavy(files, '2,000,000 attempts');
  const isSecret = files.some(({ secret }) => secret);
  const reason = isSecret ? 'a check failed' : reasonOf(thrown);
  return taskResult({ findings: [findingOf('LG_INTERNAL', [reason], locationOf(files))] });
}

/**
 * Nothing is known of the files, which is no reason to reject those that no check names.
 *
 * @param bound - what the check would exceed
 */
export function tooHeavy(
  files: readonly SnapshotFile[],
  bound: string,
  isNamed = true,
): TaskResult {
  const made = isNamed ? findingOf : warningOf;
  const finding = made('LG_VALIDATE_TOO_HEAVY', [bound], locationOf(files));
  return { ...taskResult({ findings: [finding] }), mayPass: isNamed };
}

/** The location of findings about files: the file if it is just one. */
function locationOf([file, ...others]: readonly SnapshotFile[]): Location | undefined {
  return file === undefined || others.length > 0 ? undefined : { file: file.path };
}

function runChecks(
  task: FileTask,
  checks: Checks,
  watch: Stopwatch,
  { known, isInline = false }: TaskOptions,
): Omit<TaskResult, 'tookMs'> {
  const { file, before } = task;
  const applicable = applicableChecks(file, checks);
  const { format, schemas } = applicable;
  const read = known ?? watch.time('parse', () => readAs(applicable, file));
  const secrets = watch.time('traps', () => ({ findings: lintFile(file, checks) }));
  if (!read.ok) return taskResult(mergeResults([read, secrets]));
  const { documents, findings } = read;
  const pem = watch.time('certificates', () =>
    format?.name === 'pem' || looksLikePem(file) ? readPemFile(file) : undefined,
  );
  const run = { file, documents, watch, isInline };
  if (isInline) assertLight(documents, file, applicable);
  const broken = watch.time('schema', () =>
    checkDocuments(run, [...schemas], (schema, value) =>
      schema(value, file.secret, isInline ? MAX_INLINE_ERRORS : undefined),
    ),
  );
  // A rule about a value of the wrong type would only repeat the finding.
  const isTyped = broken.findings.length === 0;
  const own = isTyped ? checkRules(run, applicable) : broken;
  const change = isTyped ? checkChange(run, task, applicable) : NO_FINDINGS;
  const values = documents.map(({ value }) => value);
  const hasShape = checks.shape !== 'off';
  const drift = watch.time('shape', () =>
    before === undefined || !hasShape ? [] : checkDrift(file, documents, before, checks.shape),
  );
  return {
    own: mergeResults([{ findings }, own, secrets]),
    change: mergeResults([change, { findings: drift }]),
    shapes: hasShape ? watch.time('shape', () => shapesOf(values)) : undefined,
    pem,
    meaning: checks.meaning && format !== undefined ? semanticDigest(file, format) : undefined,
  };
}

/** A parsed file under check. */
interface Run {
  readonly file: SnapshotFile;
  readonly documents: readonly Document[];
  readonly watch: Stopwatch;
  readonly isInline: boolean;
}

/** Takes some MiB of memory. */
export const MAX_INLINE_ERRORS = 20_000;

/** Runs checks of one kind, each on every document. */
function checkDocuments<Check>(
  { file, documents }: Run,
  checks: readonly Check[],
  issuesOf: (check: Check, value: unknown, index: number) => ValueIssues,
): CheckResult {
  const results = checks.flatMap((check) =>
    documents.map((document, index) => {
      const { issues, leftOut = 0 } = issuesOf(check, document.value, index);
      return { findings: locateInDocument(issues, file, document), leftOut };
    }),
  );
  return mergeResults(results);
}

/** Evaluates the rules about the documents alone. */
function checkRules(run: Run, { rules }: ApplicableChecks): CheckResult {
  if (rules.length === 0) return NO_FINDINGS;
  return run.watch.time('rules', () =>
    checkDocuments(run, rules, (rule, value) => ({ issues: rule.own(value, run.file.secret) })),
  );
}

/** Evaluates the rules that compare the documents with those of the active version, in their order. */
function checkChange(
  run: Run,
  { file, active }: FileTask,
  { format, rules }: ApplicableChecks,
): CheckResult {
  const comparing = rules.filter(({ compares }) => compares);
  if (active === undefined || comparing.length === 0) return NO_FINDINGS;
  return run.watch.time('rules', () => {
    const old = readAs({ format }, active);
    if (!old.ok) return NO_FINDINGS;
    if (run.isInline) assertLight(old.documents, active);
    return checkDocuments(run, comparing, (rule, value, index) => {
      const before = old.documents[index];
      return { issues: before === undefined ? [] : rule.change(value, before.value, file.secret) };
    });
  });
}

/** In secrets and file-per-key volumes, each file is a value. */
function lintFile(file: SnapshotFile, { traps, keys }: Checks): readonly Finding[] {
  if (traps === 'off') return [];
  const isValue = file.secret || keys.some(({ matches }) => matches(file.path));
  return isValue ? lintSecrets(file, traps === 'error' ? 'error' : 'warning') : [];
}
