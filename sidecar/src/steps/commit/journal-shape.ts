import { isMapping } from '@lastgood/core/model/mapping.ts';
import { STEPS } from '@lastgood/core/model/steps.ts';
import { PHASE_NAMES, type State } from '../../rollout/state.ts';

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isTime: Check = (value) => Number.isFinite(value) && Number(value) >= 0;
const isVersion: Check = (value) => typeof value === 'string' && value.startsWith('sha256:');

function oneOf(...values: readonly unknown[]): Check {
  return (value) => values.includes(value);
}

function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

/** A mapping with these keys; others come from a newer version. */
function shape(keys: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(keys);
  return (value) => isMapping(value) && checks.every(([key, check]) => check(value[key]));
}

const location = shape({
  file: optional(isText),
  line: optional(isCount),
  column: optional(isCount),
});

const findings = listOf(
  shape({
    code: isText,
    severity: oneOf('error', 'warning'),
    message: isText,
    hint: optional(isText),
    location: optional(location),
  }),
);

const step = oneOf(...STEPS);

const candidate = {
  rollout: isText,
  version: isVersion,
  equivalentTo: optional(isVersion),
  changedSinceStart: optional(isFlag),
};

const failure = shape({
  kind: oneOf('refused', 'unproven', 'fault', 'interrupted', 'quarantined'),
  step,
  findings,
  isAbsence: optional(isFlag),
});

const rollout = shape({
  ...candidate,
  reason: oneOf('start', 'changed'),
  failure: orNull(failure),
  resumed: optional(isFlag),
  skipNotify: optional(isFlag),
});

const tries = shape({ attempt: isCount, faults: isCount, findings, absentMs: optional(isTime) });

const starting = shape({
  firstStart: isFlag,
  interrupted: orNull(shape(candidate)),
  rollbackId: isText,
});
const underWay = { rollout, tries };
const withTarget = { ...underWay, target: isCount };
const retryable = oneOf('publish', 'deliver', 'confirm', 'commit');

const PHASES: Readonly<Record<(typeof PHASE_NAMES)[number], Check>> = {
  starting,
  steady: () => true,
  publishing: shape(underWay),
  confirming: shape(underWay),
  committing: shape(underWay),
  delivering: shape(withTarget),
  retrying: shape({ ...withTarget, step: retryable }),
};

const isPhase: Check = (value) => {
  if (!isMapping(value)) return false;
  const name = PHASE_NAMES.find((each) => each === value.name);
  return name !== undefined && PHASES[name](value);
};

const pendingRetry = shape({
  version: isVersion,
  failures: isCount,
  deliveries: optional(isCount),
  isTurn: optional(isFlag),
});

const crashes = shape({
  version: isVersion,
  target: isCount,
  count: isCount,
  isSuspected: isFlag,
});

const rejection = { rollout: isText, step, findings };

const isWhole = shape({
  generation: isCount,
  phase: isPhase,
  published: orNull(isVersion),
  active: orNull(isVersion),
  lastGood: orNull(isVersion),
  notifiedTargets: listOf(isCount),
  quarantine: listOf(shape({ ...rejection, version: isVersion })),
  pendingRetry: optional(orNull(pendingRetry)),
  crashes: optional(orNull(crashes)),
  degradedSinceMs: optional(orNull(isTime)),
});

/**
 * Whether a parsed journal has all that the rollout reads of it. Anything may be in the file: an older or
 * newer version of lastgood, half of a disk, or someone else's words.
 */
export function isState(state: unknown): state is State {
  return isWhole(state);
}
