import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { healthOf, isVolumeRejected } from './health.ts';
import {
  EMPTY,
  FIRST_ATTEMPT,
  type Rejection,
  type Rollout,
  type RolloutConfig,
  type State,
} from './state.ts';

const PLAN: RolloutConfig = { publishes: true, targets: [], confirms: true, onFailure: 'rollback' };
const FINDINGS = [findingOf('LG_DELIVER_ABSENT', ['webhook', 'ECONNREFUSED'])];
const GOOD: State = {
  ...EMPTY,
  published: 'sha256:1',
  active: 'sha256:1',
  lastGood: 'sha256:1',
};
const ROLLOUT: Rollout = { rollout: 'r', version: 'sha256:2', reason: 'changed', failure: null };
const REJECTED: Rejection = {
  rollout: 'r',
  version: 'sha256:2',
  step: 'validate',
  findings: FINDINGS,
};

function stateOf(more: Partial<State>, config: RolloutConfig = PLAN): string {
  const { state, reason = '' } = healthOf({ ...GOOD, ...more }, config);
  return `${state} ${reason}`.trim();
}

test('a bundle that runs on what the volume holds is ok, also while a rollout goes well', () => {
  assert.equal(stateOf({}), 'ok');
  const tries = FIRST_ATTEMPT;
  assert.equal(stateOf({ phase: { name: 'confirming', rollout: ROLLOUT, tries } }), 'ok');
});

test('a bundle is not ready until something good is published, and then for good', () => {
  assert.equal(stateOf({ published: null }), 'not-ready no snapshot has been checked yet');
  const nothingGood = { published: null, rejected: REJECTED };
  assert.equal(stateOf(nothingGood), 'not-ready no good snapshot yet');
  assert.deepEqual(healthOf({ ...EMPTY, rejected: REJECTED }, PLAN).findings, FINDINGS);
});

test('in direct mode it is ready when something has passed its checks', () => {
  const direct = { ...PLAN, publishes: false };
  assert.match(stateOf({ active: null }, direct), /^not-ready/);
  assert.equal(stateOf({ published: null }, direct), 'ok');
});

test('a rejected newer version degrades it, with the findings', () => {
  const degraded = 'degraded the newest version was rejected by validate';
  assert.equal(stateOf({ rejected: REJECTED }), degraded);
});

test('a delivery at its second attempt degrades it, in the request as well as in the wait', () => {
  const tries = { attempt: 2, faults: 1, findings: FINDINGS };
  const rollout = ROLLOUT;
  for (const phase of [
    { name: 'delivering', rollout, target: 0, tries },
    { name: 'retrying', rollout, step: 'deliver', target: 0, tries },
  ] as const)
    assert.equal(stateOf({ phase }), `degraded ${phase.name} after a failed attempt`);
});

test('an app that is only absent is told apart from a fault, a rejection and a namespace', () => {
  const rollout = ROLLOUT;
  const waits = 'degraded waiting for the app to run';
  const tries = { attempt: 2, faults: 0, findings: FINDINGS };
  const delivering = { name: 'delivering', rollout, target: 0 } as const;
  const phases = [
    { ...delivering, tries },
    { name: 'retrying', rollout, step: 'deliver', target: 0, tries },
  ] as const;
  for (const phase of phases) {
    assert.equal(stateOf({ phase }), waits);
    assert.equal(healthOf({ ...GOOD, phase }, PLAN).appAbsent, true);
  }
  const hidden = [findingOf('LG_DELIVER_NO_SHARED_NAMESPACE', ['signal'])];
  for (const more of [
    { phase: { ...delivering, tries: { ...tries, faults: 1 } } },
    { phase: { ...delivering, tries: { ...tries, findings: hidden } } },
    { phase: { ...delivering, tries }, rejected: REJECTED },
    { phase: { name: 'confirming', rollout, tries } as const },
  ])
    assert.equal(healthOf({ ...GOOD, ...more }, PLAN).appAbsent, undefined);
});

test('a rollback degrades it from its first step on', () => {
  const failure = { kind: 'refused', step: 'deliver', findings: FINDINGS } as const;
  const rollout = { ...ROLLOUT, failure };
  const phase = { name: 'publishing', rollout, tries: FIRST_ATTEMPT } as const;
  assert.equal(stateOf({ phase }), 'degraded rolling back to the last good version');
});

test('the volume is rejected if no later try is planned: after a fault there is one', () => {
  assert.equal(isVolumeRejected(GOOD), false);
  const rejected: State = { ...GOOD, desired: 'sha256:2', rejected: REJECTED };
  assert.equal(isVolumeRejected(rejected), true);
  const retried = (version: Version) => ({ ...rejected, pendingRetry: { version, failures: 1 } });
  assert.equal(isVolumeRejected(retried('sha256:2')), false);
  assert.equal(isVolumeRejected(retried('sha256:3')), true);
  assert.equal(isVolumeRejected({ ...rejected, rejected: { ...REJECTED, version: null } }), true);
});
