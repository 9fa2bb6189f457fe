import * as z from 'zod/mini';
import { type Issue, invalid, type Path, valueAt } from './issue.ts';
import { checkOverlaps, type UsableParts } from './overlap.ts';
import { type CheckedDocument, documentSchema } from './schema.ts';
import { isMeantBy, keysAt, type UnknownKeys, unknownKeyIssues } from './unknown-keys.ts';
import { messageOf } from './wording.ts';

/** The document, or everything that is wrong with it. */
export type CheckedOrIssues =
  | { readonly ok: true; readonly document: CheckedDocument }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Checks a parsed file: kinds of values, unknown and missing keys, and the rules between keys. */
export function checkDocument(raw: unknown): CheckedOrIssues {
  const { value, problems } = parse(raw);
  const issues = [
    ...describeProblems(problems, raw),
    ...checkBetweenBundles(usableParts(value, problems)),
  ];
  return issues.length === 0 ? { ok: true, document: value } : { ok: false, issues };
}

/** One problem as zod finds it. */
interface Problem {
  readonly code: string;
  readonly path: Path;
  readonly message: string;
  /** The unknown keys of the mapping at `path`. */
  readonly keys: readonly string[];
  /** The value there has the wrong shape: no rule about it has run. */
  readonly isOfShape: boolean;
}

/** Like zod's `safeParse`, which returns no value if there are problems. */
function parse(raw: unknown): { value: CheckedDocument; problems: readonly Problem[] } {
  const result = documentSchema._zod.run({ value: raw, issues: [] }, { async: false });
  const { value, issues } = result as z.core.ParsePayload<CheckedDocument>;
  const problems = issues.map((issue) => {
    const final = z.core.util.finalizeIssue(issue, { error: messageOf }, z.core.config());
    return {
      code: final.code,
      path: final.path as Path,
      message: final.message,
      keys: final.code === 'unrecognized_keys' ? final.keys : [],
      isOfShape: issue.continue !== true,
    };
  });
  return { value, problems };
}

function describeProblems(problems: readonly Problem[], raw: unknown): Issue[] {
  const unknown = problems
    .filter(({ code }) => code === 'unrecognized_keys')
    .map(({ path, keys }) => ({ path, keys, known: keysAt(documentSchema, path) }));
  const others = problems.filter(({ code }) => code !== 'unrecognized_keys');
  return [
    ...unknown.flatMap(unknownKeyIssues),
    ...others.flatMap((problem) => describeProblem(problem, raw, unknown)),
  ];
}

/** Nothing if an unknown key explains it: a mapping that lacks a key may have it misspelt. */
function describeProblem(
  { code, path, message }: Problem,
  raw: unknown,
  unknown: readonly UnknownKeys[],
): Issue[] {
  const unknownIn = (mapping: Path) =>
    unknown.find((keys) => keys.path.join('/') === mapping.join('/'));
  if (code === 'custom') return unknownIn(path) === undefined ? [invalid(path, message)] : [];
  const missing = path.at(-1);
  if (typeof missing !== 'string' || valueAt(raw, path) !== undefined)
    return [invalid(path, message)];
  const mapping = path.slice(0, -1);
  const keys = unknownIn(mapping);
  return keys !== undefined && isMeantBy(missing, keys)
    ? []
    : [invalid(mapping, `needs "${missing}"`)];
}

function usableParts(value: unknown, problems: readonly Problem[]): UsableParts {
  const wrong = problems.filter(({ isOfShape }) => isOfShape);
  const isUsable = (at: Path) =>
    !wrong.some(({ path }) => at.every((part, index) => path[index] === part));
  const bundles = valueAt(value, ['bundles']);
  return {
    stateDir: isUsable(['stateDir']) ? (valueAt(value, ['stateDir']) as string) : undefined,
    bundles: Array.isArray(bundles)
      ? bundles.map((bundle, index) => (isUsable(['bundles', index]) ? bundle : undefined))
      : [],
  };
}

function checkBetweenBundles(parts: UsableParts): Issue[] {
  const names = parts.bundles.map((bundle) => bundle?.name);
  const duplicates = names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    const rule = `must be unique; bundles[${first}] is also named "${name}"`;
    return [invalid(['bundles', index, 'name'], rule)];
  });
  return [...duplicates, ...checkOverlaps(parts)];
}
