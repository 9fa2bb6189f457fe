import type { Document } from '@lastgood/core/formats/format.ts';
import type { VersionFile } from '@lastgood/core/model/snapshot.ts';
import { TooHeavyHere } from '../../checks/too-heavy-here.ts';
import type { ApplicableChecks } from './applicable-checks.ts';

/** As many values as a file can have that is checked in the main thread and has no aliases. */
const MAX_WEIGHT = 20_000;

/**
 * The same with a schema module. zod makes some 300 bytes for each value and alternative that does not fit,
 * and has no limit: 5,000 numbers against twenty alternatives ended the process.
 */
const MAX_MODULE_WEIGHT = 2_000;

/** A text counts once for each so many characters. */
const CHARACTERS = 16;

/** How many schemas may check the values of a file: at most a quarter of a second. */
const MAX_WORK = 5_000_000;

/**
 * Throws {@link TooHeavyHere} if documents are too large for the main thread, with their aliases expanded, or
 * too large for the schemas that check them.
 */
export function assertLight(
  documents: readonly Pick<Document, 'value'>[],
  file: VersionFile,
  { schemas }: Pick<ApplicableChecks, 'schemas'> = { schemas: new Set() },
): void {
  const most = Math.max(0, ...[...schemas].map(({ cost = 0 }) => cost));
  const maxWeight = [...schemas].some(({ isModule }) => isModule) ? MAX_MODULE_WEIGHT : MAX_WEIGHT;
  const { bytes } = file;
  // Only an alias of YAML makes a small file large; else a value has two bytes at least.
  const hasAlias = bytes.includes('*');
  const mostValues = bytes.length / 2;
  if (!hasAlias && mostValues * most <= MAX_WORK && mostValues <= maxWeight) return;
  const known = hasAlias ? new Map<object, number>() : undefined;
  const weight = documents.reduce((sum, { value }) => sum + weightOf(value, known), 0);
  if (weight > maxWeight || weight * most > MAX_WORK) throw new TooHeavyHere();
}

/**
 * How many values a value has in it, with aliases expanded: every check walks them so. Linear, since a value
 * that many aliases share is counted once.
 */
function weightOf(value: unknown, known?: Map<object, number>): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / CHARACTERS);
  if (typeof value !== 'object' || value === null) return 1;
  const before = known?.get(value);
  if (before !== undefined) return before;
  let weight = 1;
  for (const inner of Object.values(value)) weight += weightOf(inner, known);
  known?.set(value, weight);
  return weight;
}
