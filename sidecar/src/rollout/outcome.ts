/**
 * The ways a rollout can end; each ends in exactly one of them.
 *
 * - `committed`: the app runs on it, as far as `confirm` proves; without `confirm`, all targets have
 *   accepted it.
 * - `rejected`: it failed, and there was no rollback.
 * - `rolled-back`: it failed after it was published or delivered, and the last good version is back.
 * - `superseded`: a newer version took over, or a later try of the same one.
 * - `unchanged`: the app already runs on it, or on the same meaning.
 */
export const OUTCOMES = [
  'committed',
  'rejected',
  'rolled-back',
  'superseded',
  'unchanged',
] as const;

export type Outcome = (typeof OUTCOMES)[number];
