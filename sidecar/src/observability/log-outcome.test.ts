import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { pino } from 'pino';
import type { Effect } from '../rollout/events.ts';
import { EMPTY, type Failure, type State } from '../rollout/state.ts';
import { logOutcome } from './log.ts';

const OLD: Version = `sha256:${'a'.repeat(64)}`;
const NEW: Version = `sha256:${'b'.repeat(64)}`;
const REASON = findingOf('LG_DELIVER_REFUSED', ['webhook', 'batch_size 900 is too big']);
const FAILURE: Failure = { kind: 'refused', step: 'deliver', findings: [REASON] };
const STEADY: State = { ...EMPTY, active: OLD, lastGood: OLD };

/** The message about the end of a rollout, with names for versions. */
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

test('the line of a rejection names the step and the reason', () => {
  assert.equal(said({ failure: FAILURE }), `rejected NEW ${BY}; the app runs on OLD`);
});

test('a quarantined version that comes again is not reported as a new attempt', () => {
  assert.equal(
    said({ failure: { ...FAILURE, kind: 'quarantined' } }),
    `rejected NEW, already quarantined ${BY}; the app runs on OLD`,
  );
});

test('after a fault the line says when lastgood retries', () => {
  const failure: Failure = { ...FAILURE, kind: 'fault' };
  assert.equal(
    said({ outcome: 'rolled-back', failure, pendingRetryMs: 30_000 }),
    `rolled-back NEW ${BY}; lastgood retries it within 30s; the app runs on OLD`,
  );
});

test('"the app runs on" is only said after a proof', () => {
  const committed = { outcome: 'committed' } as const;
  const state = { ...STEADY, active: NEW };
  assert.equal(said(committed, { state }), 'committed NEW; the app runs on NEW');
  const unproven = { state, confirms: false };
  assert.equal(
    said({ ...committed, notified: true }, unproven),
    'committed NEW; targets notified, not confirmed',
  );
  assert.equal(
    said({ ...committed, notified: false }, unproven),
    'committed NEW; no target notified, not confirmed',
  );
});

test('without a proof, a failure names the last committed or the restored version', () => {
  const unproven = { confirms: false };
  assert.equal(said({ failure: FAILURE }, unproven), `rejected NEW ${BY}; last committed: OLD`);
  assert.equal(
    said({ outcome: 'rolled-back', failure: FAILURE }, unproven),
    `rolled-back NEW ${BY}; OLD restored, not confirmed`,
  );
});

test('while a target may run on another version, the line names the last confirmed one', () => {
  const state = { ...STEADY, notifiedTargets: [0] };
  assert.equal(said({ failure: FAILURE }, { state }), `rejected NEW ${BY}; last confirmed: OLD`);
  const nothing = { state: EMPTY };
  assert.equal(
    said({ failure: FAILURE }, nothing),
    `rejected NEW ${BY}; no version is confirmed yet`,
  );
});
