/**
 * The ways a rollout can end; every rollout ends in exactly one of them.
 *
 * - `committed`: the app runs on it, as far as `confirm` proves; without it, all were told who are
 *   to be.
 * - `rejected`: it failed, and nothing had to be put back.
 * - `rolled-back`: it failed after the app was told, and the last good one is back.
 * - `superseded`: a newer candidate came.
 * - `unchanged`: nothing had to be told to anybody: the app runs on it, or on the same meaning.
 */
export const OUTCOMES = [
  'committed',
  'rejected',
  'rolled-back',
  'superseded',
  'unchanged',
] as const;

export type Outcome = (typeof OUTCOMES)[number];
