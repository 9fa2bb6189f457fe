import type { Pointer } from '@lastgood/core/formats/format.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';

/** An issue of a Standard Schema, with what zod and ArkType add to it. */
interface Issue extends StandardSchemaV1.Issue {
  /** Of zod. */
  readonly code?: unknown;
  /** Of zod: the keys that must not be there. */
  readonly keys?: readonly string[];
  /** Of zod: what is wrong by each alternative. */
  readonly errors?: readonly (readonly Issue[])[];
  /** Of ArkType: the message without the path that it begins with. */
  readonly problem?: unknown;
}

/** One thing that is wrong. */
export interface Mistake {
  readonly steps: Pointer;
  /** The last step names a key that is wrong, not its value. */
  readonly isKey: boolean;
  /** In the schema's words; undefined for a key that must not be there. */
  readonly words: string | undefined;
}

/** What an issue is about. zod tells all keys that are too many in one. */
export function mistakesOf(issue: Issue): readonly Mistake[] {
  const steps = stepsOf(issue);
  if (issue.code === 'unrecognized_keys' && Array.isArray(issue.keys))
    return issue.keys.map((key) => ({ steps: [...steps, key], isKey: true, words: undefined }));
  const inner = insideOf(issue);
  if (inner.length > 0)
    return inner
      .flatMap(mistakesOf)
      .map((mistake) => ({ ...mistake, steps: [...steps, ...mistake.steps] }));
  return [{ steps, isKey: isOfKey(issue), words: String(issue.problem ?? issue.message) }];
}

function stepsOf({ path = [] }: Issue): Pointer {
  // Not `path.map`: of ArkType's own kind of list, that makes a longer one.
  const keys = Array.from(path, (step) => (typeof step === 'object' ? step.key : step));
  return keys.map((key) => (typeof key === 'number' ? key : String(key)));
}

/** Of alternatives, what is wrong inside the only one that the value is of the type of. */
function insideOf({ code, errors = [] }: Issue): readonly Issue[] {
  if (code !== 'invalid_union') return [];
  const isInside = (issue: Issue) =>
    stepsOf(issue).length > 0 || issue.code === 'unrecognized_keys';
  const fitting = errors.filter((issues) => issues.length > 0 && issues.every(isInside));
  return fitting.length === 1 ? (fitting[0] ?? []) : [];
}

/** zod tells it by the code, valibot by the origin of the last step. */
function isOfKey({ code, path = [] }: Issue): boolean {
  const last = path.at(-1);
  const isOrigin = typeof last === 'object' && 'origin' in last && last.origin === 'key';
  return code === 'invalid_key' || isOrigin;
}
