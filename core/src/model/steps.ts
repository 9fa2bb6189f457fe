/**
 * The steps that a change goes through, in order. This is the only definition of the order: it
 * types `error.step`, the `step` label of the metrics and the trace of a rollout. Each step has a folder
 * of its name: `source` and `capture` in `core/src`, the others in `sidecar/src/steps`.
 */
export const STEPS = [
  'source',
  'capture',
  'validate',
  'prepare',
  'publish',
  'deliver',
  'confirm',
  'commit',
] as const;

export type Step = (typeof STEPS)[number];
