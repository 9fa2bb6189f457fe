import type { Pointer } from '@lastgood/core/model/pointer.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';

/** An issue of a Standard Schema, with the properties that zod and ArkType add. */
interface StandardIssue extends StandardSchemaV1.Issue {
  /** From zod. */
  readonly code?: unknown;
  /** From zod: the keys that are not allowed. */
  readonly keys?: readonly string[];
  /** From zod: the issues of each alternative. */
  readonly errors?: readonly (readonly StandardIssue[])[];
  /** From ArkType: the message without the path that it starts with. */
  readonly problem?: unknown;
}

/** An issue of a Standard Schema without nested ones. */
export interface FlatIssue {
  readonly steps: Pointer;
  /** The key of the last step is wrong, not its value. */
  readonly isKey: boolean;
  /** In the schema's words; undefined for a key that is not allowed. */
  readonly message: string | undefined;
}

/** Flattens an issue: one for each key that zod does not allow, and those of the alternative that fits. */
export function flattenIssue(issue: StandardIssue): readonly FlatIssue[] {
  const steps = stepsOf(issue);
  if (issue.code === 'unrecognized_keys' && Array.isArray(issue.keys))
    return issue.keys.map((key) => ({ steps: [...steps, key], isKey: true, message: undefined }));
  const inner = issuesOfAlternative(issue);
  if (inner.length > 0)
    return inner
      .flatMap(flattenIssue)
      .map((each) => ({ ...each, steps: [...steps, ...each.steps] }));
  return [{ steps, isKey: isOfKey(issue), message: String(issue.problem ?? issue.message) }];
}

function stepsOf({ path = [] }: StandardIssue): Pointer {
  // Not `path.map`: for ArkType's own kind of list, that makes a longer one.
  const keys = Array.from(path, (step) => (typeof step === 'object' ? step.key : step));
  return keys.map((key) => (typeof key === 'number' ? key : String(key)));
}

/** Of a union, the issues of the only alternative that fits the type of the value. */
function issuesOfAlternative({ code, errors = [] }: StandardIssue): readonly StandardIssue[] {
  if (code !== 'invalid_union') return [];
  const isInside = (issue: StandardIssue) =>
    stepsOf(issue).length > 0 || issue.code === 'unrecognized_keys';
  const fitting = errors.filter((issues) => issues.length > 0 && issues.every(isInside));
  return fitting.length === 1 ? (fitting[0] ?? []) : [];
}

/** zod marks it by the code, valibot by the origin of the last step. */
function isOfKey({ code, path = [] }: StandardIssue): boolean {
  const last = path.at(-1);
  const isOrigin = typeof last === 'object' && 'origin' in last && last.origin === 'key';
  return code === 'invalid_key' || isOrigin;
}
