import type { Document } from '@lastgood/core/formats/format.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import {
  type CheckResult,
  checkResult,
  mergeResults,
  NO_FINDINGS,
} from '../../checks/check-result.ts';
import { checkDrift } from '../../checks/drift/check-drift.ts';
import { type Shape, shapesOf } from '../../checks/drift/shape.ts';
import type { ParsedFile } from '../../checks/parse-file.ts';
import { lintSecrets } from '../../checks/secret-lint/secret-lint.ts';
import { locatedIn, type Violation, type Violations } from '../../checks/violation.ts';
import { type ApplicableChecks, applicableChecks, readAs } from './applicable-checks.ts';
import type { Checks } from './compile-checks.ts';
import { semanticDigest } from './semantic-digest.ts';
import { Stopwatch, type TookMs } from './stopwatch.ts';

/** A file, and what it is held against. */
export interface FileTask {
  readonly file: SnapshotFile;
  /** What the last good version looks like here; undefined where there is nothing to compare. */
  readonly before: readonly Shape[] | undefined;
  /** What the app runs on, where that is something else. */
  readonly active: SnapshotFile | undefined;
}

/** What is to be said of a file. */
export interface TaskResult {
  /** Of its content alone. */
  readonly own: CheckResult;
  /** Of what differs from the last good version. */
  readonly change: CheckResult;
  /** What it looks like, a shape for each document; undefined where it could not be parsed. */
  readonly shapes: readonly Shape[] | undefined;
  /** A digest of what its documents mean, where that is asked for and known. Never to be shown (P8). */
  readonly meaning: string | undefined;
  readonly tookMs: TookMs;
}

/**
 * Runs every check of one file, the cheap ones first. Never throws.
 *
 * @param known - its documents, where it has been read already
 */
export function checkFile(task: FileTask, checks: Checks, known?: ParsedFile): TaskResult {
  const watch = new Stopwatch();
  try {
    return { ...judged(task, checks, watch, known), tookMs: watch.tookMs };
  } catch (thrown) {
    return { ...internalErrorResult([task.file], thrown), tookMs: watch.tookMs };
  }
}

/** A judgement of contents alone. */
export function taskResult(own: CheckResult): TaskResult {
  return { own, change: NO_FINDINGS, shapes: undefined, meaning: undefined, tookMs: {} };
}

/** A defect of a check must not end the sidecar, nor let the file pass, nor tell a secret (P8). */
export function internalErrorResult(files: readonly SnapshotFile[], thrown: unknown): TaskResult {
  const isSecret = files.some(({ secret }) => secret);
  const reason = isSecret ? 'a check failed' : reasonOf(thrown);
  return taskResult(checkResult([findingOf('LG_INTERNAL', [reason], positionIn(files))]));
}

/** The file that checks are about; of several, none. */
export function positionIn([file, ...others]: readonly SnapshotFile[]): Location | undefined {
  return file === undefined || others.length > 0 ? undefined : { file: file.path };
}

function judged(
  task: FileTask,
  checks: Checks,
  watch: Stopwatch,
  known?: ParsedFile,
): Omit<TaskResult, 'tookMs'> {
  const { file, before } = task;
  const reading = applicableChecks(file, checks);
  const { format } = reading;
  const read = known ?? watch.time('parse', () => readAs(format, file));
  const traps = watch.time('traps', () => checkResult(trapsIn(file, checks)));
  if (!read.ok) return taskResult(mergeResults([checkResult(read.findings), traps]));
  const { documents } = read;
  const broken = brokenBy(reading, file, documents, watch);
  // A rule about a value of the wrong type would only say the same again.
  const isTyped = broken.findings.length === 0;
  const own = isTyped ? ownOf(file, documents, reading, watch) : broken;
  const change = isTyped ? changeOf(task, documents, reading, watch) : NO_FINDINGS;
  const values = documents.map(({ value }) => value);
  const isShaped = checks.shape !== 'off';
  const shape = watch.time('shape', () =>
    before === undefined || !isShaped ? [] : checkDrift(file, documents, before, checks.shape),
  );
  return {
    own: mergeResults([own, traps]),
    change: mergeResults([change, checkResult(shape)]),
    shapes: isShaped ? watch.time('shape', () => shapesOf(values)) : undefined,
    meaning: checks.meaning && format !== undefined ? semanticDigest(values) : undefined,
  };
}

/** What schemas say. */
function brokenBy(
  { schemas }: ApplicableChecks,
  file: SnapshotFile,
  documents: readonly Document[],
  watch: Stopwatch,
): CheckResult {
  return watch.time('schema', () =>
    mergeResults(
      [...schemas].map((schema) => {
        const ask = (value: unknown) => schema(value, file.secret);
        return byDocument(file, documents, 'LG_VALIDATE_SCHEMA', ask);
      }),
    ),
  );
}

/** What rules say that look at the documents alone. */
function ownOf(
  file: SnapshotFile,
  documents: readonly Document[],
  { rules }: ApplicableChecks,
  watch: Stopwatch,
): CheckResult {
  if (rules.length === 0) return NO_FINDINGS;
  return watch.time('rules', () =>
    mergeResults(
      rules.map((rule) => {
        const ask = (value: unknown) => all(rule.own(value, file.secret));
        return byDocument(file, documents, 'LG_VALIDATE_RULE', ask);
      }),
    ),
  );
}

function byDocument(
  file: SnapshotFile,
  documents: readonly Document[],
  code: ErrorCode,
  ask: (value: unknown) => Violations,
): CheckResult {
  return mergeResults(documents.map((each) => locatedIn(file, each, ask(each.value), code)));
}

/** What rules say that compare the documents with those of the active version, in their order. */
function changeOf(
  { file, active }: FileTask,
  documents: readonly Document[],
  { format, rules }: ApplicableChecks,
  watch: Stopwatch,
): CheckResult {
  const comparing = rules.filter(({ compares }) => compares);
  if (active === undefined || comparing.length === 0) return NO_FINDINGS;
  return watch.time('rules', () => {
    const old = readAs(format, active);
    if (!old.ok) return NO_FINDINGS;
    const judgements = documents.flatMap((document, index) => {
      const before = old.documents[index];
      if (before === undefined) return [];
      return comparing.map((rule) => {
        const violations = rule.change(document.value, before.value, file.secret);
        return locatedIn(file, document, all(violations), 'LG_VALIDATE_RULE');
      });
    });
    return mergeResults(judgements);
  });
}

function all(violations: readonly Violation[]): Violations {
  return { violations, leftOut: 0 };
}

/** Of secrets, and of file-per-key volumes, each file is a value. */
function trapsIn(file: SnapshotFile, { traps, keys }: Checks): readonly Finding[] {
  if (traps === 'off') return [];
  const isValue = file.secret || keys.some(({ matches }) => matches(file.path));
  return isValue ? lintSecrets(file, traps === 'error' ? 'error' : 'warning') : [];
}
