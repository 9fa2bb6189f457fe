import assert from 'node:assert/strict';

/** Cases of a suite in which lastgood is of another mind, and why. */
export interface Difference {
  readonly because: string;
  /** The message of lastgood for each of them, without the place and the quoted value. */
  readonly said: string;
  readonly cases: readonly string[];
}

/**
 * Holds what differs, by case, against what is known to differ. It fails for a case that is not
 * known, for one that is known and agrees by now, and for one that differs for another reason.
 */
export function assertDifferences(
  found: ReadonlyMap<string, string>,
  known: readonly Difference[],
): void {
  const expected = known.flatMap(({ said, cases }) => cases.map((name) => [name, said] as const));
  assert.deepEqual(Object.fromEntries(found), Object.fromEntries(expected));
}
