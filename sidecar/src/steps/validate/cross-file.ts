import type { Document } from '@lastgood/core/formats/format.ts';
import { parseFile } from '@lastgood/core/formats/parse-file.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Issue } from '@lastgood/core/model/issue.ts';
import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { RuleCheck } from '../../checks/cel/rules.ts';
import { type CheckResult, mergeResults, NO_FINDINGS } from '../../checks/check-result.ts';
import { applicableChecks } from './applicable-checks.ts';
import {
  internalErrorResult,
  rethrowIfHeavy,
  type TaskOptions,
  type TaskResult,
  taskResult,
} from './check-file.ts';
import type { Checks } from './compile-checks.ts';
import { checkKeys } from './keys.ts';
import { Stopwatch } from './stopwatch.ts';
import { checkView } from './view.ts';
import { assertLight } from './weight.ts';

/** All files of a snapshot, each of which passed its own checks. */
export interface CrossFileTask {
  readonly files: readonly SnapshotFile[];
  /** Those of the active snapshot, if there is one. */
  readonly active: readonly SnapshotFile[] | undefined;
}

/** Whether a check needs more than one file at once. */
export function hasCrossFileChecks({ keys, rules, views }: Checks): boolean {
  return keys.length > 0 || rules !== undefined || views.length > 0;
}

/** Runs the checks across files: of file-per-key volumes, of the whole bundle, and of views. Throws as `checkFile`. */
export function checkCrossFile(
  task: CrossFileTask,
  checks: Checks,
  options: TaskOptions,
): TaskResult {
  const watch = new Stopwatch();
  try {
    return { ...taskResult(resultOf(task, checks, watch, options)), tookMs: watch.tookMs };
  } catch (thrown) {
    rethrowIfHeavy(thrown, options);
    return { ...internalErrorResult(task.files, thrown), tookMs: watch.tookMs };
  }
}

function resultOf(
  task: CrossFileTask,
  checks: Checks,
  watch: Stopwatch,
  options: TaskOptions,
): CheckResult {
  const keys = watch.time('keys', () =>
    checks.keys.map((check) => checkKeys(check, task.files, task.active)),
  );
  const { rules } = checks;
  const across =
    rules === undefined
      ? NO_FINDINGS
      : watch.time('rules', () => checkAcross(rules, task, checks, options));
  const views = checks.views.map((check) =>
    watch.time('schema', () => checkView(check, task.files, options)),
  );
  return mergeResults([...keys, across, ...views]);
}

function checkAcross(
  rules: RuleCheck,
  { files, active }: CrossFileTask,
  checks: Checks,
  { isInline = false }: TaskOptions,
): CheckResult {
  const now = documentsByPath(files, checks, isInline);
  const values = valuesOf(now);
  const isSecret = files.some(({ secret }) => secret);
  const old =
    active === undefined || !rules.compares
      ? undefined
      : valuesOf(documentsByPath(active, checks, isInline));
  const issues = [
    ...rules.own(values, isSecret),
    ...(old === undefined ? [] : rules.change(values, old, isSecret)),
  ];
  return { findings: issues.map((issue) => locateInBundle(now, issue)) };
}

type ByPath = ReadonlyMap<string, readonly Document[]>;

/** Files without a format are not visible to rules. */
function documentsByPath(
  files: readonly SnapshotFile[],
  checks: Checks,
  isInline: boolean,
): ByPath {
  return new Map(
    files.flatMap((file) => {
      const { format } = applicableChecks(file, checks);
      const read = format === undefined ? undefined : parseFile(file, format);
      if (read?.ok && isInline) assertLight(read.documents, file);
      return read?.ok ? [[file.path, read.documents] as const] : [];
    }),
  );
}

/** The value of a file with one document, and a list for a file with several. */
function valuesOf(byPath: ByPath): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = Object.create(null);
  for (const [path, documents] of byPath) {
    const [first, ...others] = documents.map(({ value }) => value);
    values[path] = others.length === 0 ? first : [first, ...others];
  }
  return values;
}

function locateInBundle(byPath: ByPath, { code, args, at }: Issue<ValuePath>): Finding {
  const [path, ...inner] = at.pointer;
  const file = path === undefined ? '.' : String(path);
  const documents = byPath.get(file) ?? [];
  const isOne = documents.length === 1;
  const document = documents[isOne ? 0 : Number(inner[0] ?? 0)];
  const position = document?.locate(isOne ? inner : inner.slice(1), at.part);
  return findingOf(code, args, { file, ...position });
}
