import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { pino } from 'pino';
import { type Effect, EMPTY, type Failure, type State } from '../rollout/state.ts';
import { logOutcome } from './log-outcome.ts';

const OLD: Version = `sha256:${'a'.repeat(64)}`;
const NEW: Version = `sha256:${'b'.repeat(64)}`;
const REASON = findingOf('LG_DELIVER_REFUSED', ['webhook', 'batch_size 900 is too big']);
const FAILURE: Failure = { kind: 'refused', step: 'deliver', findings: [REASON] };
const STEADY: State = { ...EMPTY, active: OLD, lastGood: OLD };

/** The message about the end of a rollout, with letters for versions. */
function said(
  end: Partial<Effect & { type: 'finish' }>,
  { state = STEADY, confirms = true }: { state?: State; confirms?: boolean } = {},
): string {
  const lines: string[] = [];
  const log = pino({}, { write: (line) => lines.push(line) });
  const finish = { type: 'finish', rollout: 'r', version: NEW, outcome: 'rejected' } as const;
  const config = { publishes: true, targets: [], confirms, onFailure: 'rollback' } as const;
  logOutcome(log, { ...finish, failure: null, ...end }, state, config);
  return JSON.parse(lines.join(''))
    .msg.replaceAll('a'.repeat(12), 'OLD')
    .replaceAll('b'.repeat(12), 'NEW');
}

const BY = 'by deliver: webhook refused: batch_size 900 is too big [LG_DELIVER_REFUSED]';

test('what failed is told with the step and the reason', () => {
  assert.equal(said({ failure: FAILURE }), `rejected NEW ${BY}; the app runs on OLD`);
});

test('a quarantined version that comes again does not look as if somebody had been asked again', () => {
  assert.equal(
    said({ failure: { ...FAILURE, kind: 'quarantined' } }),
    `rejected NEW, not tried again, having failed before ${BY}; the app runs on OLD`,
  );
});

test('what failed by a fault says that it will be tried again, and when', () => {
  const failure: Failure = { ...FAILURE, kind: 'fault' };
  assert.equal(
    said({ outcome: 'rolled-back', failure, pendingRetryMs: 30_000 }),
    `rolled-back NEW ${BY}; it is tried again within 30s; the app runs on OLD`,
  );
});

test('that the app runs on a version is said only where there was a proof', () => {
  const committed = { outcome: 'committed' } as const;
  const state = { ...STEADY, active: NEW };
  assert.equal(said(committed, { state }), 'committed NEW; the app runs on NEW');
  const unproven = { state, confirms: false };
  assert.equal(
    said({ ...committed, told: true }, unproven),
    'committed NEW; told, with no proof asked for',
  );
  assert.equal(
    said({ ...committed, told: false }, unproven),
    'committed NEW; nobody was told, and no proof was asked for',
  );
});

test('without a proof, what failed is told with what was committed, or with what was put back', () => {
  const unproven = { confirms: false };
  assert.equal(said({ failure: FAILURE }, unproven), `rejected NEW ${BY}; last committed was OLD`);
  assert.equal(
    said({ outcome: 'rolled-back', failure: FAILURE }, unproven),
    `rolled-back NEW ${BY}; OLD is back, with no proof asked for`,
  );
});

test('of an app that was told of something else, nobody claims to know what it runs on', () => {
  const state = { ...STEADY, notifiedTargets: [0] };
  assert.equal(said({ failure: FAILURE }, { state }), `rejected NEW ${BY}; last confirmed was OLD`);
  const nothing = { state: EMPTY };
  assert.equal(said({ failure: FAILURE }, nothing), `rejected NEW ${BY}; nothing is confirmed yet`);
});
