import type * as z from 'zod/mini';
import { type Complaint, invalid, type Path, valueAt } from './complaint.ts';
import {
  type BundleDocument,
  bundleSchema,
  documentSchema,
  type SettingsDocument,
} from './schema.ts';
import { complaintsOf, keysAt, standsFor, type UnknownKeys } from './unknown-keys.ts';
import { wordOf } from './wording.ts';

/**
 * What of a document can be held against the rules: all of it when its shape is right, else the
 * parts that are, so that a mistake in one bundle hides none in the others.
 */
export interface Readable {
  readonly stateDir: string | undefined;
  /** At their index; undefined where the shape is wrong. */
  readonly bundles: readonly (BundleDocument | undefined)[];
}

/** The document, or everything that is wrong with its shape. */
export type Shape =
  | { readonly ok: true; readonly document: SettingsDocument }
  | { readonly ok: false; readonly complaints: readonly Complaint[]; readonly readable: Readable };

/** Holds a parsed file against the schema: kinds of values, bounds, unknown and missing keys. */
export function checkShape(raw: unknown): Shape {
  const parsed = documentSchema.safeParse(raw, { error: wordOf });
  if (parsed.success) return { ok: true, document: parsed.data };
  const issues = parsed.error.issues.map((issue) => ({ ...issue, path: issue.path as Path }));
  const unknown = issues.filter(isUnknownKeys).map(({ path, keys }) => ({
    path,
    keys,
    known: keysAt(documentSchema, path),
  }));
  const others = issues
    .filter((issue) => !isUnknownKeys(issue))
    .flatMap((issue) => complaintOf(issue.path, issue.message, { raw, unknown }));
  return {
    ok: false,
    complaints: [...unknown.flatMap(complaintsOf), ...others],
    readable: readableOf(withoutKeys(raw, unknown)),
  };
}

function isUnknownKeys<Issue extends { code?: string }>(
  issue: Issue,
): issue is Issue & z.core.$ZodIssueUnrecognizedKeys {
  return issue.code === 'unrecognized_keys';
}

/** None when the key is missing because an unknown one stands in its place. */
function complaintOf(
  path: Path,
  rule: string,
  { raw, unknown }: { raw: unknown; unknown: readonly UnknownKeys[] },
): Complaint[] {
  const missing = path.at(-1);
  if (typeof missing !== 'string' || valueAt(raw, path) !== undefined) return [invalid(path, rule)];
  const mapping = path.slice(0, -1);
  const inItsPlace = unknown.some(
    (keys) => keys.path.join('/') === mapping.join('/') && standsFor(missing, keys),
  );
  return inItsPlace ? [] : [invalid(mapping, `needs "${missing}"`)];
}

/** A copy without the unknown keys. */
function withoutKeys(raw: unknown, unknown: readonly UnknownKeys[]): unknown {
  const copy = structuredClone(raw);
  for (const { path, keys } of unknown) {
    const mapping = valueAt(copy, path) as Record<string, unknown>;
    for (const key of keys) delete mapping[key];
  }
  return copy;
}

function readableOf(raw: unknown): Readable {
  const bundles = valueAt(raw, ['bundles']);
  return {
    stateDir: documentSchema.shape.stateDir.safeParse(valueAt(raw, ['stateDir'])).data,
    bundles: Array.isArray(bundles)
      ? bundles.map((bundle) => bundleSchema.safeParse(bundle).data)
      : [],
  };
}
