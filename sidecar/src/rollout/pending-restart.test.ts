import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthOf } from './health.ts';
import { Machine, PLAN, REASON, RESTART, RETRIES, steady, v1, v2, v3 } from './machine.testing.ts';
import { type RolloutConfig, rolloutOf } from './state.ts';

/** Target 0 is a webhook, and target 1 the subscribers. */
const SUBSCRIBED: RolloutConfig = { ...PLAN, targets: [RETRIES, RETRIES] };
/** Target 2 restarts the apps. */
const RESTARTS: RolloutConfig = {
  ...PLAN,
  targets: [RETRIES, RETRIES, RETRIES],
  conditionalTargets: [2],
};

/** Answers every delivery and proof with yes, until nothing is under way; the deliveries made. */
function goesOn(machine: Machine): string[] {
  const seen: string[] = [];
  while (machine.phase !== 'steady') {
    seen.push(machine.asked);
    if (machine.phase === 'delivering') machine.answers('accepted');
    else machine.done();
  }
  return [...seen, machine.asked];
}

test('P5: a version that needs a restart is published after the apps have ended, not before', () => {
  const machine = steady(SUBSCRIBED).needsRestart(v2);
  assert.equal(machine.asked, 'await-restart 2');
  assert.equal(machine.phase, 'pending-restart');
  assert.deepEqual([machine.state.published, machine.state.notifiedTargets], [v1, []]);
  assert.deepEqual(goesOn(machine.done()), [
    'publish 2',
    'deliver 2 to 0 (changed)',
    'deliver 2 to 1 (changed)',
    'confirm 2',
    'commit 2',
    'committed 2',
  ]);
});

test('the bundle is degraded while a restart is pending, and says why', () => {
  const machine = steady(SUBSCRIBED).needsRestart(v2);
  assert.deepEqual(healthOf(machine.state, SUBSCRIBED), {
    state: 'degraded',
    reason: 'the newest version needs a restart of the app',
    pendingRestart: true,
    findings: [RESTART],
  });
  machine.holdsBad(v3);
  const health = healthOf(machine.state, SUBSCRIBED);
  assert.equal(health.pendingRestart, undefined, 'something else is wrong as well');
  assert.equal(machine.phase, 'pending-restart', 'a bad newer version ends nothing');
});

test('P6: a newer version takes over from one that waits for a restart', () => {
  assert.equal(steady().needsRestart(v2).holds(v3).asked, 'superseded 2, publish 3');
  assert.equal(steady().needsRestart(v2).holds(v1).asked, 'superseded 2, unchanged 1');
  const both = steady().needsRestart(v2).needsRestart(v3);
  assert.equal(both.asked, 'superseded 2, await-restart 3');
  assert.equal(both.needsRestart(v3).asked, '', 'the same version again');
});

test('P4: a version that its checks reject meanwhile no longer waits', () => {
  const machine = steady().needsRestart(v2);
  machine.feed({ type: 'uncapturable', rollout: 'x', findings: [REASON] });
  assert.equal(machine.phase, 'pending-restart');
  assert.equal(machine.holdsBad(v2).asked, 'rejected 2, rejected 2');
  assert.equal(machine.phase, 'steady');
});

test('P7: the wait goes on after a restart of the sidecar, also if no app has said so again', () => {
  const { state } = steady().needsRestart(v2);
  const machine = new Machine(PLAN, state, v1);
  assert.equal(machine.phase, 'starting');
  assert.equal(machine.holds(v2).asked, 'superseded 2, await-restart 2');
  assert.deepEqual(rolloutOf(machine.state)?.needsRestart, [RESTART]);
  const other = new Machine(PLAN, state, v1).holds(v3);
  assert.equal(other.asked, 'superseded 2, publish 3');
  assert.equal(rolloutOf(other.state)?.needsRestart, undefined);
  assert.equal(new Machine(PLAN, state, v1).holdsBad(v3).asked, 'rejected 3, superseded 2');
  const direct = { ...PLAN, publishes: false };
  const saved = steady(direct).needsRestart(v2).state;
  assert.equal(new Machine(direct, saved, v2).asked, 'await-restart 2');
});

test('a wait that fails is begun again later', () => {
  const machine = steady().needsRestart(v2).failed();
  assert.equal(machine.asked, 'rejected 2, wait-pending-retry 30000');
  machine.feed({ type: 'pending-retry-due', rollout: 'turn', version: v2 });
  assert.equal(machine.asked, 'await-restart 2');
});

test('nothing needs a restart at the first start, nor for a change that notifies no target', () => {
  assert.equal(new Machine().needsRestart(v1).asked, 'publish 1');
  const told = { ...RESTARTS, tellsAtStart: true };
  assert.equal(
    new Machine(told).needsRestart(v1).done().asked,
    'deliver 1 to 0 (changed)',
    'no restart target',
  );
  const machine = steady();
  machine.feed({ type: 'captured', rollout: 'x', version: v2 });
  const same = { findings: [], equivalentTo: v1, needsRestart: [RESTART] } as const;
  machine.feed({ type: 'validated', rollout: 'x', accepted: true, ...same });
  assert.equal(machine.asked, 'publish 2');
});

test('a restart target is notified first, and only if a restart is needed', () => {
  const deliveries = ['deliver 2 to 0 (changed)', 'deliver 2 to 1 (changed)'];
  const ends = ['confirm 2', 'commit 2', 'committed 2'];
  const live = steady(RESTARTS).holds(v2);
  assert.deepEqual(goesOn(live), ['publish 2', ...deliveries, ...ends]);
  const restarted = steady(RESTARTS).needsRestart(v2);
  const all = ['publish 2', 'deliver 2 to 2 (changed)', ...deliveries, ...ends];
  assert.deepEqual(goesOn(restarted), all);
});

test('a process that does not run needs no restart', () => {
  const machine = steady(RESTARTS).needsRestart(v2).done();
  assert.equal(machine.answers('absent').asked, 'deliver 2 to 0 (changed)');
});

test('a restart that is needed at a delivery leads to the restart target, then again to all', () => {
  const machine = steady(RESTARTS).holds(v2).done().answers('accepted');
  assert.equal(machine.answers('restart').asked, 'deliver 2 to 2 (changed)');
  assert.equal(machine.answers('accepted').asked, 'deliver 2 to 0 (changed)');
  assert.equal(machine.answers('accepted').asked, 'deliver 2 to 1 (changed)');
  assert.equal(machine.answers('restart').asked, 'wait 1000', 'it has not ended');
  machine.waits().answers('restart').waits();
  assert.equal(machine.answers('restart').asked, 'publish 1', 'out of attempts');
  assert.equal(machine.done().asked, 'deliver 1 to 2 (rollback)');
});

test('P5: without a restart target all go back first, then the version waits', () => {
  const machine = steady(SUBSCRIBED).holds(v2).done().answers('accepted');
  const { rollout } = rolloutOf(machine.state) ?? {};
  assert.equal(machine.answers('restart').asked, 'publish 1');
  assert.equal(machine.done().asked, 'deliver 1 to 0 (rollback)');
  assert.equal(machine.answers('accepted').asked, 'deliver 1 to 1 (rollback)');
  assert.equal(machine.answers('accepted').asked, 'confirm 1');
  assert.equal(machine.holdsBad(v3).holds(v2).asked, 'unchanged 2', 'it is under way');
  assert.equal(machine.done().asked, 'await-restart 2');
  assert.equal(rolloutOf(machine.state)?.rollout, rollout);
  assert.equal(machine.state.rejected, null);
  assert.deepEqual([machine.state.active, machine.state.notifiedTargets], [v1, []]);
});

test('P4: a version that is rejected during the rollback before its wait does not get there', () => {
  const machine = steady(SUBSCRIBED).holds(v2).done().answers('restart').done();
  assert.equal(machine.holdsBad(v3).holdsBad(v2).asked, 'rejected 2');
  machine.answers('accepted').answers('accepted');
  assert.equal(machine.done().asked, 'rolled-back 2');
});

test('P6: a newer version takes over from the rollback before a wait', () => {
  const machine = steady(SUBSCRIBED).holds(v2).done().answers('restart').done();
  machine.holds(v3);
  assert.equal(machine.answers('accepted').asked, 'superseded 2, publish 3');
});

test('P5: what an earlier rollout has left half done is put back before the wait', () => {
  const machine = steady(SUBSCRIBED).holds(v2).done().answers('fault').needsRestart(v3);
  assert.equal(machine.asked, 'superseded 2, publish 1');
  machine.done().answers('accepted').answers('accepted');
  assert.equal(machine.done().asked, 'await-restart 3');
});

test('where nothing is put back, the wait begins at once', () => {
  const hold: RolloutConfig = { ...SUBSCRIBED, onFailure: 'hold' };
  const held = steady(hold).holds(v2).done().answers('accepted');
  assert.equal(held.answers('restart').asked, 'await-restart 2');
  const direct: RolloutConfig = { ...SUBSCRIBED, publishes: false };
  const read = steady(direct).holds(v2).answers('accepted');
  assert.equal(read.answers('restart').asked, 'await-restart 2');
  const first = new Machine({ ...SUBSCRIBED, tellsAtStart: true }).holds(v1).done();
  assert.equal(first.answers('restart').asked, 'await-restart 1');
  assert.equal(first.done().done().asked, 'deliver 1 to 0 (changed)');
});

test('a rollback notifies a restart target that was notified, or if an app needs it to go back', () => {
  const machine = steady(RESTARTS).needsRestart(v2).done().answers('accepted');
  assert.equal(machine.answers('refused').done().asked, 'deliver 1 to 2 (rollback)');
  const live = steady(RESTARTS).holds(v2).done().answers('refused').done();
  assert.equal(live.asked, 'deliver 1 to 0 (rollback)');
  live.answers('accepted');
  assert.equal(live.answers('restart').asked, 'deliver 1 to 2 (rollback)');
  assert.equal(live.answers('accepted').asked, 'deliver 1 to 0 (rollback)');
  live.answers('accepted');
  assert.equal(live.answers('restart').asked, 'wait 1000', 'it has not ended');
});

test('a rollback without a restart target is repeated until the app has restarted', () => {
  const machine = steady(SUBSCRIBED).needsRestart(v2).done().done();
  machine.answers('refused').done().answers('accepted');
  for (let count = 0; count < 10; count++)
    assert.match(machine.answers('restart').asked, /^wait \d+$/, machine.waits().phase);
  machine.answers('accepted');
  assert.equal(machine.done().asked, 'rolled-back 2');
});

test('a fix that needs a restart reaches an app that cannot start on the last good version', () => {
  const turns: RolloutConfig = { ...SUBSCRIBED, maxAbsenceMs: 3_000 };
  const rolledBack = steady(turns).holds(v2).done().answers('accepted').answers('restart').done();
  const faulty = steady(turns).needsRestart(v2).done().done().answers('fault');
  for (const machine of [
    rolledBack,
    faulty.waits().answers('fault').waits().answers('fault').done(),
  ]) {
    while (machine.state.pendingRetry?.isTurn !== true) machine.answers('absent').waits();
    machine.feed({ type: 'pending-retry-due', rollout: 'turn', version: v2 });
    assert.equal(machine.asked, '', 'an attempt is under way');
    machine.answers('absent').feed({ type: 'pending-retry-due', rollout: 'turn', version: v2 });
    assert.equal(machine.asked, 'superseded 2, await-restart 2');
    assert.equal(machine.done().asked, 'publish 2');
  }
});

test('a later turn of a version that needs a restart waits for one again', () => {
  const machine = steady(SUBSCRIBED).needsRestart(v2).done().done().answers('fault');
  machine.waits().answers('fault').waits().answers('fault').done();
  machine.answers('accepted').answers('accepted');
  assert.equal(machine.done().asked, 'rolled-back 2, wait-pending-retry 30000');
  machine.feed({ type: 'pending-retry-due', rollout: 'turn', version: v2 });
  assert.equal(machine.asked, 'await-restart 2');
});
