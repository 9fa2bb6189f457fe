import type { Document } from '@lastgood/core/formats/format.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Issue } from '@lastgood/core/model/issue.ts';
import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { RuleCheck } from '../../checks/cel/rules.ts';
import {
  type CheckResult,
  checkResult,
  mergeResults,
  NO_FINDINGS,
} from '../../checks/check-result.ts';
import type { SchemaCheck } from '../../checks/json-schema/schema-check.ts';
import { documentsOf } from './applicable-checks.ts';
import { internalErrorResult, type TaskResult, taskResult } from './check-file.ts';
import type { Checks, KeysCheck } from './compile-checks.ts';
import { checkKeys, type Keys, locateInKeys, readKeys, type TypedKeys } from './keys.ts';
import { Stopwatch } from './stopwatch.ts';

/** All files of a snapshot, each of which passed its own checks. */
export interface CrossFileTask {
  readonly files: readonly SnapshotFile[];
  /** Those of the active snapshot, if there is one. */
  readonly active: readonly SnapshotFile[] | undefined;
}

/** Whether a check needs more than one file at once. */
export function hasCrossFileChecks({ keys, rules }: Checks): boolean {
  return keys.length > 0 || rules !== undefined;
}

/** Runs the checks across files: of file-per-key volumes, and of the whole bundle. Never throws. */
export function checkCrossFile(task: CrossFileTask, checks: Checks): TaskResult {
  const watch = new Stopwatch();
  try {
    return { ...taskResult(resultOf(task, checks, watch)), tookMs: watch.tookMs };
  } catch (thrown) {
    return { ...internalErrorResult(task.files, thrown), tookMs: watch.tookMs };
  }
}

function resultOf(task: CrossFileTask, checks: Checks, watch: Stopwatch): CheckResult {
  const keys = watch.time('keys', () => checks.keys.map((check) => checkKeysOf(check, task)));
  const { rules } = checks;
  const across =
    rules === undefined ? NO_FINDINGS : watch.time('rules', () => checkAcross(rules, task, checks));
  return mergeResults([...keys, across]);
}

function checkKeysOf(
  { matches, base, schema, rules }: KeysCheck,
  { files, active }: CrossFileTask,
): CheckResult {
  const read = (of: readonly SnapshotFile[]) =>
    readKeys(
      of.filter(({ path }) => matches(path)),
      base,
    );
  const now = read(files);
  if (!now.ok) return checkResult(now.findings);
  const typed = typedBy(schema, now.keys);
  // A rule about a value of the wrong type would only repeat the finding.
  if (typed.findings.length > 0 || rules === undefined) return typed;
  const before = active === undefined || !rules.compares ? undefined : read(active);
  const old = before?.ok ? typedBy(schema, before.keys).object : undefined;
  const { secret } = now.keys;
  const issues = [
    ...rules.own(typed.object, secret),
    ...(old === undefined ? [] : rules.change(typed.object, old, secret)),
  ];
  return checkResult(issues.map((issue) => locateInKeys(now.keys, issue)));
}

/** Without a schema, every key is a text. */
function typedBy(schema: SchemaCheck | undefined, keys: Keys): TypedKeys {
  return schema === undefined ? { ...NO_FINDINGS, object: keys.texts } : checkKeys(keys, schema);
}

function checkAcross(
  rules: RuleCheck,
  { files, active }: CrossFileTask,
  checks: Checks,
): CheckResult {
  const now = documentsByPath(files, checks);
  const values = valuesOf(now);
  const isSecret = files.some(({ secret }) => secret);
  const old =
    active === undefined || !rules.compares ? undefined : valuesOf(documentsByPath(active, checks));
  const issues = [
    ...rules.own(values, isSecret),
    ...(old === undefined ? [] : rules.change(values, old, isSecret)),
  ];
  return checkResult(issues.map((issue) => locateInBundle(now, issue)));
}

type ByPath = ReadonlyMap<string, readonly Document[]>;

/** Files without a format are not visible to rules. */
function documentsByPath(files: readonly SnapshotFile[], checks: Checks): ByPath {
  return new Map(
    files.flatMap((file) => {
      const documents = documentsOf(file, checks);
      return documents === undefined ? [] : [[file.path, documents] as const];
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
