import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reply } from '../pipeline/app.ts';
import type { Notification, Rig } from './rig.ts';

/** What is expected of the sidecar that is started on a fixture. */
export interface Case {
  /** The first version that could write it; v1 unless it is there. */
  readonly since?: string;
  /** How the rollouts end, in alphabetical order: which of two ends first may differ. */
  readonly outcomes: readonly string[];
  /** How the rollout that the journal names ends, if it names one. */
  readonly resumed?: string;
  /** What notifies the apps, in order: `changed 2`, `second: rollback 1, attempt 2`. */
  readonly notified?: readonly string[];
  /** The generation that an app which starts now reads. */
  readonly runs: number;
  /** Why the app does not run on what the volume holds: the step, and a part of the reason. */
  readonly rejected?: readonly [step: string, reason: string];
  /** The wait before the next try of the version, as the log shows it. */
  readonly again?: string;
  /** Runs before the sidecar starts. */
  readonly before?: (rig: Rig) => Promise<unknown>;
  /** How the apps answer; they accept when it is left out. */
  readonly answer?: (notification: Notification, rig: Rig) => Reply | Promise<Reply>;
  /** Runs after the outcomes have come. */
  readonly after?: (rig: Rig) => Promise<void>;
  /** What the app does while the last generation rolls out. */
  readonly next?: (rig: Rig) => Promise<unknown>;
}

/** Each case ends with a rollout of this generation: by then, everything before it is done. */
export const LAST = 9;

const ACCEPT: Reply = { status: 200 };

/** The app runs on what the volume holds. */
const UNCHANGED: Case = { outcomes: ['unchanged'], runs: 1 };
/** The rollout of the journal goes on; the volume holds the same version. */
const GOES_ON = {
  outcomes: ['committed', 'unchanged'],
  resumed: 'committed',
  runs: 2,
} as const satisfies Case;
/** A comment is published without a notification. */
const STAYS_QUIET: Case = {
  outcomes: ['unchanged', 'unchanged'],
  resumed: 'unchanged',
  runs: 1,
};
/** The first start, which notifies no target. */
const STARTS = { outcomes: ['committed'], runs: 1 } as const satisfies Case;
/** The rollout of the journal had changed nothing yet, and another one takes its place. */
const STARTS_AGAIN = {
  outcomes: ['committed', 'superseded'],
  resumed: 'superseded',
  runs: 2,
} as const satisfies Case;
const REFUSED = ['deliver', 'no such checkpoint'] as const;
/** The version is in quarantine, so the sidecar does not try it again. */
const STAYS_REFUSED: Case = { outcomes: ['rejected'], runs: 1, rejected: REFUSED };
/** The rollback of the journal goes on. */
const GOES_BACK = {
  outcomes: ['rejected', 'rolled-back'],
  resumed: 'rolled-back',
  runs: 1,
  rejected: REFUSED,
} as const satisfies Case;

/** The app answers only after the version in the volume has passed its checks. */
async function afterTheChecks({ pod }: Rig): Promise<Reply> {
  await pod.line(({ step, result }) => step === 'validate' && result === 'accepted', 'the checks');
  return ACCEPT;
}

/** The expanded file holds the second generation. */
async function assertExpanded({ pod }: Rig): Promise<void> {
  const text = await readFile(join(pod.live, 'config.yaml'), 'utf8');
  assert.match(text, /^generation: 2\n/);
}

/** The published directory holds the last generation. */
async function publishedLast(rig: Rig): Promise<void> {
  const isLast = () => (rig.generation === LAST ? true : undefined);
  await rig.pod.until(isLast, 'the last generation');
}

/** The sidecar has not ended the program that the test started. */
function assertLives({ programs: [program] }: Rig): void {
  assert.deepEqual([program?.exitCode, program?.signalCode], [null, null]);
}

/** The program is up again when the sidecar starts, which must not end it a second time. */
const COMES_UP: Case = {
  ...GOES_ON,
  before: (rig) => rig.startProgram(),
  after: async (rig) => assertLives(rig),
  next: (rig) => rig.programEnds().then(() => rig.startProgram()),
};

/** By the name of the fixture; the same for every version that wrote one. */
export const CASES: Readonly<Record<string, Case>> = {
  'starting/first-start': STARTS,
  'starting/restart': UNCHANGED,
  'starting/interrupted': { ...STARTS_AGAIN, notified: ['changed 2'] },
  'starting/interrupted-same-meaning': {
    outcomes: ['superseded', 'unchanged'],
    resumed: 'superseded',
    runs: 1,
  },
  'starting/interrupted-then-broken': {
    ...GOES_BACK,
    notified: ['rollback 1'],
    rejected: ['validate', 'config.yaml'],
  },
  // The app has restarted meanwhile, so it starts on the version.
  'pending-restart/waiting': {
    ...STARTS_AGAIN,
    since: 'v2',
    before: async (rig) => rig.subscribe(),
  },
  'steady/unchanged': UNCHANGED,
  'steady/last-good-lost': UNCHANGED,
  'steady/checking': { outcomes: ['committed'], notified: ['changed 2'], runs: 2 },
  'steady/quarantined': STAYS_REFUSED,
  // The sidecar shows nothing of an app's answer about a secret.
  'steady/quarantined-secret': { ...STAYS_REFUSED, rejected: ['deliver', 'status 422'] },
  'steady/rejected': { outcomes: ['rejected'], runs: 1, rejected: ['validate', 'config.yaml'] },
  'steady/pending-retry': {
    // The journal has its first failure, so this wait is longer than the first one of 10 minutes.
    answer: ({ reason, generation }) =>
      reason === 'changed' && generation === 2 ? { status: 500 } : ACCEPT,
    outcomes: ['rolled-back'],
    notified: ['changed 2', 'rollback 1'],
    runs: 1,
    rejected: ['deliver', 'status 500'],
    again: '15m',
  },
  'steady/pending-recheck': { outcomes: ['committed'], notified: ['changed 2'], runs: 2 },
  'steady/on-hold': { ...STAYS_REFUSED, runs: 2 },
  'steady/direct-reverted': { outcomes: ['committed'], notified: ['changed 1'], runs: 1 },
  'steady/meaning': UNCHANGED,
  'steady/swap': { ...UNCHANGED, runs: 2 },
  'publishing/first-start': { ...STARTS_AGAIN, runs: 1 },
  'publishing/first-start-published': { ...GOES_ON, runs: 1 },
  'publishing/told-at-start': { ...GOES_ON, notified: ['changed 1'], runs: 1 },
  'publishing/before': { ...STARTS_AGAIN, notified: ['changed 2'] },
  'publishing/after': { ...GOES_ON, notified: ['changed 2'] },
  'publishing/same-meaning': STAYS_QUIET,
  'publishing/superseding': { ...STARTS_AGAIN, notified: ['changed 3'], runs: 3 },
  'publishing/expanded': { ...GOES_ON, notified: ['changed 2'], after: assertExpanded },
  'delivering/before': { ...GOES_ON, notified: ['changed 2, attempt 2'] },
  'delivering/killed-twice': { ...GOES_ON, notified: ['changed 2, attempt 3'] },
  'delivering/quarantined-meanwhile': {
    ...GOES_BACK,
    notified: ['rollback 1'],
    rejected: ['validate', 'not the second one'],
  },
  'delivering/second-attempt': {
    // The journal has one fault of two, so this fault is the last one.
    answer: async ({ generation }, rig) => {
      await afterTheChecks(rig);
      return generation === 2 ? { status: 500 } : ACCEPT;
    },
    outcomes: ['rolled-back', 'unchanged'],
    resumed: 'rolled-back',
    notified: ['changed 2, attempt 3', 'rollback 1'],
    runs: 1,
    rejected: ['deliver', 'status 500'],
    again: '10m',
  },
  'delivering/second-target': { ...GOES_ON, notified: ['second: changed 2, attempt 2'] },
  'delivering/next-waits': {
    answer: ({ generation }, rig) => (generation === 2 ? afterTheChecks(rig) : ACCEPT),
    outcomes: ['committed', 'superseded'],
    resumed: 'superseded',
    notified: ['changed 2, attempt 2', 'changed 3'],
    runs: 3,
  },
  'delivering/direct': { ...GOES_ON, notified: ['changed 2, attempt 2'] },
  'delivering/direct-reverted': {
    ...STARTS_AGAIN,
    notified: ['changed 1', 'second: changed 1'],
    runs: 1,
  },
  'delivering/swap': { ...GOES_ON, notified: ['changed 2, attempt 2'] },
  'delivering/restart': COMES_UP,
  'delivering/restarted': COMES_UP,
  'confirming/before': GOES_ON,
  'confirming/first-start': { ...STARTS, outcomes: GOES_ON.outcomes, resumed: 'committed' },
  'confirming/compared': {
    // The app has reloaded by itself while the sidecar was down.
    before: async (rig) => {
      rig.reloads += 1;
    },
    ...GOES_ON,
    next: async (rig) => {
      await publishedLast(rig);
      rig.reloads += 1;
    },
  },
  'confirming/compared-by-time': {
    before: async (rig) => {
      rig.reloads = Math.floor(Date.now() / 1000);
    },
    ...GOES_ON,
    next: async (rig) => {
      await publishedLast(rig);
      rig.reloads = Math.floor(Date.now() / 1000) + 1;
    },
  },
  'confirming/compared-with-target': {
    // The sidecar notifies the app again because it has lost what the proof compares with.
    ...GOES_ON,
    answer: (_notification, rig) => {
      rig.reloads += 1;
      return ACCEPT;
    },
    notified: ['changed 2, attempt 2'],
  },
  'committing/before': GOES_ON,
  'committing/after': GOES_ON,
  'committing/same-meaning': STAYS_QUIET,
  'retrying/publish': { ...STARTS_AGAIN, runs: 1 },
  'retrying/deliver': { ...GOES_ON, notified: ['changed 2, attempt 2'] },
  'retrying/confirm': { ...STARTS, outcomes: GOES_ON.outcomes, resumed: 'committed' },
  'retrying/commit': GOES_ON,
  'back_publishing/before': { ...GOES_BACK, notified: ['rollback 1'] },
  'back_publishing/after': { ...GOES_BACK, notified: ['rollback 1'] },
  'back_publishing/fault': {
    // A fault is no quarantine: the sidecar tries the version again later.
    ...GOES_BACK,
    answer: (_notification, rig) => afterTheChecks(rig),
    notified: ['rollback 1'],
    rejected: ['deliver', 'status 500'],
    again: '10m',
  },
  'back_publishing/interrupted': {
    ...GOES_BACK,
    notified: ['rollback 1'],
    rejected: ['validate', 'config.yaml'],
  },
  'back_delivering/before': { ...GOES_BACK, notified: ['rollback 1, attempt 2'] },
  'back_delivering/after': { ...GOES_BACK, notified: ['rollback 1, attempt 2'] },
  'back_delivering/second-target': {
    ...GOES_BACK,
    notified: ['second: rollback 1, attempt 2'],
    rejected: ['deliver', 'status 422'],
  },
  'back_delivering/unproven': {
    ...GOES_BACK,
    notified: ['rollback 1, attempt 2'],
    rejected: ['confirm', 'status 503'],
  },
  'back_confirming/before': GOES_BACK,
  'back_retrying/publish': { ...GOES_BACK, notified: ['rollback 1'] },
  'back_retrying/deliver': {
    ...GOES_BACK,
    notified: ['rollback 1, attempt 2'],
    rejected: ['deliver', 'status 422'],
  },
  'back_retrying/unproven': { ...GOES_BACK, notified: ['rollback 1, attempt 2'] },
};
