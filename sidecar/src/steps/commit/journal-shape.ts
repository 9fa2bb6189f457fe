import { STEPS } from '@lastgood/core/model/steps.ts';
import * as z from 'zod/mini';
import type { Phase, State } from '../../rollout/state.ts';

const text = z.string();
const count = z.int().check(z.minimum(0));
const time = z.number().check(z.minimum(0));
const version = text.check(z.startsWith('sha256:'));
const flag = z.optional(z.boolean());
const step = z.enum(STEPS);

const location = z.looseObject({
  file: z.optional(text),
  line: z.optional(count),
  column: z.optional(count),
});

const findings = z.array(
  z.looseObject({
    code: text,
    severity: z.enum(['error', 'warning']),
    message: text,
    hint: z.optional(text),
    location: z.optional(location),
  }),
);

const candidate = {
  rollout: text,
  version,
  equivalentTo: z.optional(version),
  changedSinceStart: flag,
  needsRestart: z.optional(findings),
};

const failure = z.looseObject({
  kind: z.enum(['refused', 'unproven', 'fault', 'interrupted', 'quarantined', 'restart']),
  step,
  findings,
  isAbsence: flag,
});

const rollout = z.looseObject({
  ...candidate,
  reason: z.enum(['start', 'changed']),
  failure: z.nullable(failure),
  resumed: flag,
  skipNotify: flag,
});

const tries = z.looseObject({
  attempt: count,
  faults: count,
  findings,
  absentMs: z.optional(time),
});

const underWay = { rollout, tries };

const PHASES: Readonly<Record<Phase['name'], z.core.$ZodLooseShape>> = {
  starting: {
    firstStart: z.boolean(),
    interrupted: z.nullable(z.looseObject(candidate)),
    rollbackId: text,
  },
  steady: {},
  'pending-restart': { rollout },
  publishing: underWay,
  confirming: underWay,
  committing: underWay,
  delivering: { ...underWay, target: count },
  retrying: {
    ...underWay,
    target: count,
    step: z.enum(['publish', 'deliver', 'confirm', 'commit']),
  },
};

const phases = Object.entries(PHASES).map(([name, keys]) =>
  z.looseObject({ name: z.literal(name), ...keys }),
);

const pendingRetry = z.looseObject({
  version,
  failures: count,
  deliveries: z.optional(count),
  isTurn: flag,
  needsRestart: z.optional(findings),
});

const crashes = z.looseObject({ version, target: count, count, isSuspected: z.boolean() });

const rejection = { rollout: text, step, findings };

/** Keys that are not here come from a newer version. */
const stateSchema = z.looseObject({
  generation: count,
  phase: z.union(phases),
  published: z.nullable(version),
  active: z.nullable(version),
  lastGood: z.nullable(version),
  notifiedTargets: z.array(count),
  quarantine: z.array(z.looseObject({ ...rejection, version })),
  pendingRetry: z.nullish(pendingRetry),
  crashes: z.nullish(crashes),
  degradedSinceMs: z.nullish(time),
});

/**
 * Whether a parsed journal has all that the rollout reads of it. Anything may be in the file: an older or
 * newer version of lastgood, half of a disk, or someone else's words.
 */
export function isState(state: unknown): state is State {
  return stateSchema.safeParse(state).success;
}
