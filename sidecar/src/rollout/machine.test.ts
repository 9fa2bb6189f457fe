import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Event } from './events.ts';
import { MAX_PENDING_RETRY_MS, pendingRetryMs } from './finish.ts';
import { Machine, PLAN, REASON, RETRIES, steady, v1, v2, v3 } from './machine.testing.ts';
import { MAX_QUARANTINE } from './quarantine.ts';
import type { RolloutConfig, State } from './state.ts';

test('the first good start publishes, notifies no target, waits for the app, and commits', () => {
  const machine = new Machine();
  assert.equal(machine.holds(v1).asked, 'publish 1');
  assert.equal(machine.done().asked, 'confirm 1');
  assert.equal(machine.isPatient, true);
  assert.equal(machine.done().asked, 'commit 1');
  assert.equal(machine.done().asked, 'committed 1');
  assert.equal(machine.state.active, v1);
});

/** Whether the end of the last rollout says that targets were notified. */
function notified({ effects }: Machine): boolean | undefined {
  return effects.find((effect) => effect.type === 'finish')?.notified;
}

test('a commit says whether targets were notified: not at a start, except with tellsAtStart', () => {
  assert.equal(notified(steady()), false);
  assert.equal(notified(steady({ ...PLAN, tellsAtStart: true })), true);
  const unproven = steady({ ...PLAN, confirms: false });
  assert.equal(notified(unproven), false);
  assert.equal(notified(unproven.holds(v2).done().answers('accepted').done()), true);
  const untargeted = steady({ ...PLAN, targets: [] });
  assert.equal(notified(untargeted.holds(v2).done().done().done()), false);
});

test('P3: the first version is delivered if it came after the app may have read an older one', () => {
  const machine = new Machine({ ...PLAN, publishes: false });
  machine.feed({ type: 'captured', rollout: 'r', version: v1, changedSinceStart: true });
  machine.feed({ type: 'validated', rollout: 'r', accepted: true, findings: [] });
  assert.equal(machine.asked, 'deliver 1 to 0 (changed)');
  assert.equal(
    machine.answers('absent').answers('absent').waits().answers('accepted').asked,
    'confirm 1',
  );
  assert.equal(machine.isPatient, true);
  assert.equal(notified(machine.done().done()), true);
});

test('a good change is published, delivered, confirmed and committed, in this order', () => {
  const machine = steady();
  assert.equal(machine.holds(v2).asked, 'publish 2');
  assert.equal(machine.done().asked, 'deliver 2 to 0 (changed)');
  assert.equal(machine.answers('accepted').asked, 'confirm 2');
  assert.equal(machine.done().asked, 'commit 2');
  assert.equal(machine.state.active, v1, 'not active before it is kept');
  assert.equal(machine.done().asked, 'committed 2');
  assert.deepEqual([machine.state.active, machine.state.lastGood], [v2, v2]);
});

test('a version that a dry run refuses is rejected, and no target is notified', () => {
  const machine = steady();
  machine.feed({ type: 'captured', rollout: 'r', version: v2 });
  const no = { type: 'validated', rollout: 'r', accepted: false, findings: [REASON] } as const;
  assert.equal(machine.feed({ ...no, step: 'prepare' }).asked, 'rejected 2');
  assert.equal(machine.state.rejected?.step, 'prepare');
  assert.equal(machine.state.pendingRetry, null);
});

test('P3: a dry run without an answer is repeated, at doubling intervals', () => {
  const machine = steady();
  machine.feed({ type: 'captured', rollout: 'r', version: v2 });
  const no = { type: 'validated', accepted: false, findings: [REASON] } as const;
  const fault = { ...no, rollout: 'r', step: 'prepare', fault: true } as const;
  assert.equal(machine.feed(fault).asked, 'rejected 2, wait-pending-retry 30000');
  const due = { type: 'pending-retry-due', version: v2 } as const;
  assert.equal(machine.feed({ ...due, rollout: 's' }).asked, 'validate 2');
  assert.equal(
    machine.feed({ ...fault, rollout: 's' }).asked,
    'rejected 2, wait-pending-retry 60000',
  );
  assert.equal(machine.feed({ ...due, rollout: 't' }).asked, 'validate 2');
  const yes = { type: 'validated', rollout: 't', accepted: true, findings: [] } as const;
  assert.equal(machine.feed(yes).asked, 'publish 2');
  assert.equal(machine.state.rejected, null);
});

test('P4: a version that was quarantined during its delivery is not delivered again after a kill', () => {
  const machine = steady().holds(v2).done();
  machine
    .feed({ type: 'captured', rollout: 'x', version: v3 })
    .feed({ type: 'captured', rollout: 'y', version: v2 });
  machine.feed({ type: 'validated', rollout: 'y', accepted: false, findings: [REASON] });
  assert.equal(machine.phase, 'delivering');
  const restarted = new Machine(PLAN, machine.state, v2);
  assert.equal(restarted.asked, 'publish 1');
});

test('P3: checks that could not run are repeated, and the rejection names them', () => {
  const machine = steady();
  machine.feed({ type: 'captured', rollout: 'r', version: v2 });
  const no = { type: 'validated', rollout: 'r', accepted: false, findings: [REASON] } as const;
  assert.equal(machine.feed({ ...no, fault: true }).asked, 'rejected 2, wait-pending-retry 30000');
  assert.equal(machine.state.rejected?.step, 'validate');
  machine.feed({ type: 'pending-retry-due', rollout: 's', version: v2 });
  assert.equal(machine.asked, 'validate 2');
});

test('a rejected version that is written again is checked again, and an accepted one is not', () => {
  const machine = steady().holdsBad(v2);
  const again = { type: 'captured', rollout: 'again', version: v2 } as const;
  assert.equal(machine.feed(again).asked, '');
  assert.equal(machine.feed({ ...again, isRewritten: true }).asked, 'validate 2');
  machine.feed({ type: 'validated', rollout: 'again', accepted: true, findings: [] });
  assert.equal(machine.asked, 'publish 2');
  machine.done().answers('accepted').done().done();
  assert.equal(machine.feed({ ...again, isRewritten: true }).asked, '');
  const refused = steady().holds(v2).done().answers('refused').done().answers('accepted').done();
  assert.equal(refused.feed({ ...again, isRewritten: true }).asked, 'rejected 2');
});

test('P6: a dry run without an answer does not hold back newer content', () => {
  const machine = steady();
  machine.feed({ type: 'captured', rollout: 'r', version: v2 });
  const no = { type: 'validated', rollout: 'r', accepted: false, findings: [REASON] } as const;
  machine.feed({ ...no, step: 'prepare', fault: true });
  assert.equal(machine.holds(v3).asked, 'publish 3');
  assert.equal(machine.feed({ type: 'pending-retry-due', rollout: 's', version: v2 }).asked, '');
});

test('a change with the same meaning is published and becomes active without a notification', () => {
  const machine = steady();
  assert.equal(machine.holds(v2, v1).asked, 'publish 2');
  assert.equal(machine.done().asked, 'commit 2');
  assert.equal(machine.done().asked, 'unchanged 2');
  assert.deepEqual([machine.state.active, machine.state.lastGood], [v2, v2]);
  assert.deepEqual(machine.state.notifiedTargets, []);
});

test('in direct mode a change with the same meaning is only kept', () => {
  const machine = steady({ ...PLAN, publishes: false });
  assert.equal(machine.holds(v2, v1).asked, 'commit 2');
  assert.equal(machine.done().asked, 'unchanged 2');
});

test('a version with the meaning of one that is no longer active is delivered', () => {
  const machine = steady().holds(v2).done();
  // It was compared with 1, and waits until the app has answered for 2.
  machine.holds(v3, v1);
  assert.equal(machine.answers('accepted').asked, 'superseded 2, publish 3');
  assert.equal(machine.done().asked, 'deliver 3 to 0 (changed)');
});

test('P5: if it cannot be kept, a newer version is delivered to all targets as usual', () => {
  const machine = steady().holds(v2, v1).done();
  assert.equal(machine.failed().asked, 'wait 1000');
  assert.equal(machine.holds(v3).asked, 'superseded 2, publish 3');
  assert.equal(machine.done().asked, 'deliver 3 to 0 (changed)');
});

test('P4: a version that fails its checks is rejected and has no other effect', () => {
  const machine = steady().holdsBad(v2);
  assert.equal(machine.asked, 'rejected 2');
  assert.equal(machine.phase, 'steady');
  assert.equal(machine.state.rejected?.version, v2);
});

test('a refused version is quarantined, and the last good one is published, delivered and confirmed', () => {
  const machine = steady().holds(v2).done();
  assert.equal(machine.answers('refused').asked, 'publish 1');
  assert.equal(machine.done().asked, 'deliver 1 to 0 (rollback)');
  assert.equal(machine.answers('accepted').asked, 'confirm 1');
  assert.equal(machine.done().asked, 'rolled-back 2');
  assert.deepEqual([machine.state.active, machine.state.rejected?.version], [v1, v2]);
});

test('P4: a quarantined version is not tried again until its content changes', () => {
  const machine = steady().holds(v2).done().answers('refused').done().answers('accepted').done();
  machine.holds(v1);
  assert.equal(machine.asked, 'unchanged 1');
  assert.equal(machine.holds(v2).asked, 'rejected 2');
  const [end] = machine.effects;
  assert.equal(end?.type === 'finish' && end.failure?.kind, 'quarantined');
  assert.equal(machine.holds(v3).asked, 'publish 3');
});

test('a fault is retried with doubling waits, then rolled back, but not quarantined', () => {
  const machine = steady().holds(v2).done();
  assert.equal(machine.answers('fault').asked, 'wait 1000');
  assert.equal(machine.waits().asked, 'deliver 2 to 0 (changed)');
  assert.equal(machine.answers('fault').asked, 'wait 2000');
  assert.equal(machine.waits().answers('fault').asked, 'publish 1');
  machine.done().answers('accepted').done();
  assert.equal(machine.asked, 'rolled-back 2, wait-pending-retry 30000');
  const [end] = machine.effects;
  assert.equal(end?.type === 'finish' && end.pendingRetryMs, 30_000);
  assert.equal(machine.state.quarantine.length, 0);
  machine.feed({ type: 'pending-retry-due', rollout: 'later', version: v2 });
  assert.equal(machine.asked, 'publish 2');
});

test('the waits before a faulty version is tried again double up to a quarter of an hour', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7].map((failures) => pendingRetryMs(failures, PLAN) / 1000);
  assert.deepEqual(waits, [30, 60, 120, 240, 480, 900, 900]);
  assert.equal(pendingRetryMs(50, PLAN), MAX_PENDING_RETRY_MS);
});

test('an absent app costs no attempt: the candidate stays published and delivery goes on', () => {
  const machine = steady().holds(v2).done();
  for (let count = 0; count < 20; count++) {
    assert.match(machine.answers('absent').asked, /^wait /);
    assert.equal(machine.waits().asked, 'deliver 2 to 0 (changed)');
  }
  assert.equal(machine.state.published, v2);
  assert.equal(machine.answers('accepted').asked, 'confirm 2');
});

test('an absent target is tried each second, in a rollout and a rollback, whatever the backoff', () => {
  const slow = { attempts: 3, backoffMs: 10_000, maxMs: 60_000 };
  const two = { ...PLAN, targets: [slow, slow] };
  const machine = steady(two).holds(v2).done();
  for (let count = 0; count < 20; count++) {
    assert.equal(machine.answers('absent').asked, 'wait 1000');
    machine.waits();
  }
  assert.equal(machine.answers('accepted').answers('absent').asked, 'wait 1000', 'the second');
  assert.equal(machine.waits().answers('fault').asked, 'wait 10000', 'the absences do not count');
  assert.equal(machine.waits().answers('absent').asked, 'wait 20000', 'it may have died of it');
  const back = steady(two).holds(v2).done().answers('refused').done();
  assert.equal(back.answers('absent').asked, 'wait 1000');
  assert.equal(back.waits().answers('fault').asked, 'wait 10000');
  assert.equal(back.waits().answers('absent').asked, 'wait 1000', 'a rollback never gives up');
});

test('an absent target is not tried sooner than the app has asked for', () => {
  const machine = steady().holds(v2).done();
  const shorter = machine.answers('absent', { retryAfterMs: 300 }).wait;
  assert.deepEqual([shorter?.ms, shorter?.leastMs], [1_000, 300]);
  const longer = machine.waits().answers('absent', { retryAfterMs: 60_000 }).wait;
  assert.deepEqual([longer?.ms, longer?.leastMs], [60_000, 60_000]);
});

test('an app can ask for a later retry, up to a quarter of an hour', () => {
  const machine = steady().holds(v2).done();
  const shorter = machine.answers('fault', { retryAfterMs: 300 }).wait;
  assert.deepEqual([shorter?.ms, shorter?.leastMs], [1_000, 300], 'our own wait is longer');
  const longer = machine.waits().answers('fault', { retryAfterMs: 60_000 }).wait;
  assert.deepEqual([longer?.ms, longer?.leastMs], [60_000, 60_000]);
  const endless = steady().holds(v2).done().answers('fault', { retryAfterMs: 1e12 }).wait;
  assert.deepEqual([endless?.ms, endless?.leastMs], [MAX_PENDING_RETRY_MS, MAX_PENDING_RETRY_MS]);
  assert.equal(steady().holds(v2).done().answers('fault').wait?.leastMs, undefined);
});

test('P6: a newer version does not wait for the retry that the app has asked for', () => {
  const machine = steady().holds(v2).done().answers('fault', { retryAfterMs: 60_000 });
  assert.equal(machine.holds(v3).asked, 'superseded 2, publish 3');
});

test('after a final fault there is no further attempt', () => {
  const machine = steady().holds(v2).done();
  assert.equal(machine.answers('fault', { final: true }).asked, 'publish 1');
  assert.equal(machine.state.quarantine.length, 0);
  const absent = steady().holds(v2).done().answers('absent', { final: true });
  assert.equal(absent.asked, 'wait 1000', 'the target was absent');
  const back = steady().holds(v2).done().answers('refused').done();
  assert.equal(back.answers('fault', { final: true }).asked, 'wait 1000', 'the rollback continues');
  const endless = { ...PLAN, targets: [{ ...RETRIES, attempts: Infinity }] };
  const final = steady(endless).holds(v2).done().answers('fault').waits();
  assert.equal(final.answers('fault', { final: true }).asked, 'publish 1');
});

test('with unlimited attempts a fault is retried for as long as it takes', () => {
  const endless = { ...PLAN, targets: [{ ...RETRIES, attempts: Infinity }] };
  const machine = steady(endless).holds(v2).done();
  for (let count = 0; count < 50; count++) {
    assert.match(machine.answers('fault').asked, /^wait /);
    machine.waits();
  }
  assert.equal(machine.wait, undefined);
  assert.equal(machine.asked, 'deliver 2 to 0 (changed)');
});

test('with tellsAtStart the targets are notified of the first version as well', () => {
  const two = { ...PLAN, targets: [RETRIES, RETRIES], tellsAtStart: true };
  const machine = new Machine(two).holds(v1);
  assert.equal(machine.done().asked, 'deliver 1 to 0 (changed)');
  assert.match(machine.answers('absent').asked, /^wait /, 'it may not have started yet');
  assert.equal(machine.waits().answers('accepted').asked, 'deliver 1 to 1 (changed)');
  assert.equal(machine.answers('accepted').asked, 'confirm 1');
  assert.equal(machine.isPatient, true);
  assert.equal(machine.done().done().asked, 'committed 1');
  const restarted = new Machine(two, machine.state, v1);
  assert.equal(restarted.holds(v1).asked, 'unchanged 1', 'no target is notified twice');
});

test('a first version that the app refuses ends as rejected; a fix is delivered', () => {
  const machine = new Machine({ ...PLAN, tellsAtStart: true }).holds(v1).done();
  assert.equal(machine.answers('refused').asked, 'rejected 1');
  assert.equal(machine.state.published, v1, 'there is nothing to go back to');
  assert.equal(machine.holds(v2).asked, 'publish 2');
  assert.equal(machine.done().asked, 'deliver 2 to 0 (changed)');
});

test('P5: a new pod that starts on a bad version rolls back all targets', () => {
  const two = { ...PLAN, targets: [RETRIES, RETRIES], tellsAtStart: true };
  const machine = new Machine(two, steady(two).state, null).holds(v2).done();
  assert.equal(machine.answers('refused').asked, 'publish 1');
  assert.equal(machine.done().asked, 'deliver 1 to 0 (rollback)');
  // It read 2 when it started, without a notification.
  assert.equal(machine.answers('accepted').asked, 'deliver 1 to 1 (rollback)');
});

test('with tellsAtStart all targets are notified even if the first publish of a new pod failed', () => {
  const config = { ...PLAN, tellsAtStart: true };
  const machine = new Machine(config, steady(config).state, null).holds(v2);
  assert.equal(machine.failed().asked, 'publish 1');
  assert.equal(machine.done().asked, 'deliver 1 to 0 (rollback)');
});

test('P5: an app that starts on a version that a newer one replaces is rolled back with it', () => {
  // No target is notified of the first version of a new pod, but the app may start on it.
  const machine = new Machine(PLAN, steady().state, null).holds(v2).holds(v3);
  assert.equal(machine.done().asked, 'superseded 2, publish 3');
  assert.equal(machine.failed().asked, 'publish 1');
  assert.equal(machine.done().asked, 'deliver 1 to 0 (rollback)');
});

test('an app that dies of a version gets the last good one back, although it is absent', () => {
  const machine = steady().holds(v2).done().answers('fault').waits().answers('absent').waits();
  assert.equal(machine.answers('absent').asked, 'publish 1');
  machine.done();
  for (let count = 0; count < 20; count++) machine.answers('absent').waits();
  assert.equal(machine.asked, 'deliver 1 to 0 (rollback)', 'the rollback waits for it');
  assert.equal(machine.answers('accepted').done().asked, 'rolled-back 2, wait-pending-retry 30000');
});

test('the deadline of the confirmation waits for an app that no delivery has reached', () => {
  const told = steady().holds(v2).done().answers('accepted');
  assert.equal(told.isPatient, false);
  assert.equal(new Machine(PLAN, told.state, v2).isPatient, true, 'after a reboot of both');
  assert.equal(
    steady({ ...PLAN, targets: [] })
      .holds(v2)
      .done().isPatient,
    true,
    'no target',
  );
});

test('P6: a newer version interrupts a retry and a probation', () => {
  assert.equal(
    steady().holds(v2).done().answers('fault').holds(v3).asked,
    'superseded 2, publish 3',
  );
  assert.equal(
    steady().holds(v2).done().answers('accepted').holds(v3).asked,
    'superseded 2, publish 3',
  );
});

test('P6: after the running request, the newer version comes first', () => {
  const machine = steady().holds(v2).done().holds(v3);
  assert.equal(machine.asked, '');
  assert.equal(machine.answers('fault').asked, 'superseded 2, publish 3');
});

test('P6: a fix interrupts a rollback', () => {
  const machine = steady().holds(v2).done().answers('refused').done().answers('fault');
  assert.equal(machine.phase, 'retrying');
  assert.equal(machine.holds(v3).asked, 'superseded 2, publish 3');
});

test('a failed capture during a rollback, followed by the same content, interrupts nothing', () => {
  const machine = steady().holds(v2).done();
  for (let count = 0; count < 2; count++) machine.answers('fault').waits();
  assert.equal(machine.answers('fault').asked, 'publish 1');
  machine.feed({ type: 'uncapturable', rollout: 'x', findings: [REASON] });
  assert.equal(machine.holds(v2).asked, 'rejected 2');
  assert.equal(machine.phase, 'publishing');
  assert.equal(
    machine.done().answers('accepted').done().asked,
    'rolled-back 2, wait-pending-retry 30000',
  );
});

test('P4: a rollout that continues after a restart ends if the checks now reject its version', () => {
  const interrupted = steady().holds(v2).done();
  const asked = new Machine(PLAN, interrupted.state, v2).holdsBad(v2);
  assert.equal(asked.asked, 'rejected 2', 'it waits for the running request');
  assert.equal(asked.answers('accepted').asked, 'publish 1');
  const onProbation = new Machine(PLAN, interrupted.answers('accepted').state, v2).holdsBad(v2);
  assert.equal(onProbation.asked, 'rejected 2, publish 1');
  onProbation.done().answers('accepted').done();
  assert.equal(onProbation.state.active, v1);
  assert.equal(onProbation.state.rejected?.version, v2);
});

test('P7: if the published files are unreadable, all targets are notified', () => {
  const machine = new Machine(PLAN, steady().state, 'unreadable').holds(v2);
  assert.equal(machine.asked, 'publish 2');
  assert.equal(machine.done().asked, 'deliver 2 to 0 (changed)');
  const back = new Machine(PLAN, steady().state, 'unreadable').holds(v1);
  assert.equal(back.asked, 'publish 1', 'nor is the last good one taken to be in place');
  assert.equal(back.done().asked, 'deliver 1 to 0 (changed)');
});

test('a bad newer version does not disturb the rollout under way', () => {
  const machine = steady().holds(v2).done().answers('accepted').holdsBad(v3);
  assert.equal(machine.asked, 'rejected 3');
  assert.equal(machine.phase, 'confirming');
  assert.equal(machine.done().done().asked, 'committed 2');
  assert.equal(machine.state.rejected?.version, v3);
});

test('a late result of an earlier phase changes nothing', () => {
  const machine = steady().holds(v2).done();
  const late: Event = {
    type: 'answered',
    generation: machine.state.generation,
    answer: 'refused',
    findings: [],
  };
  machine.answers('accepted');
  const before = machine.state;
  assert.equal(machine.feed(late).state, before);
  assert.equal(machine.asked, '');
});

test('a change that is undone before its delivery is unchanged', () => {
  assert.equal(steady().holdsBad(v2).holds(v1).asked, 'unchanged 1');
  assert.equal(
    steady().holds(v2).done().answers('fault').holds(v1).asked,
    'superseded 2, publish 1',
  );
});

test('P5: with several targets, one refusal rolls back all that may have read it', () => {
  const two = { ...PLAN, targets: [RETRIES, RETRIES] };
  const machine = steady(two).holds(v2).done().answers('accepted').answers('refused');
  assert.equal(machine.done().asked, 'deliver 1 to 0 (rollback)');
  assert.equal(machine.answers('accepted').asked, 'deliver 1 to 1 (rollback)');
});

test('a failed rollback is retried forever, also after a restart', () => {
  const machine = steady().holds(v2).done().answers('refused').done();
  for (let count = 0; count < 50; count++) machine.answers('refused').waits();
  assert.equal(machine.asked, 'deliver 1 to 0 (rollback)');
  const restarted = new Machine(PLAN, machine.state, v1);
  assert.equal(restarted.asked, 'deliver 1 to 0 (rollback)');
});

test('onFailure: hold and direct mode do not roll back', () => {
  for (const config of [
    { ...PLAN, onFailure: 'hold' as const },
    { ...PLAN, publishes: false },
  ]) {
    const machine = steady(config).holds(v2);
    if (machine.phase === 'publishing') machine.done();
    assert.equal(machine.answers('refused').asked, 'rejected 2');
    assert.equal(machine.phase, 'steady');
  }
});

test('P7: every phase of a rollout resumes at its own step', () => {
  const machine = steady().holds(v2);
  const steps = ['publish 2', 'deliver 2 to 0 (changed)', 'confirm 2', 'commit 2'];
  for (const step of steps) {
    assert.equal(machine.asked, step);
    assert.equal(new Machine(PLAN, machine.state, v2).asked, step, 'after a kill -9');
    if (machine.phase === 'delivering') machine.answers('accepted');
    else machine.done();
  }
});

test('P7: a confirmation with a baseline starts with a new delivery to all notified targets', () => {
  const config = { ...PLAN, targets: [RETRIES, RETRIES], compares: true };
  const machine = steady(config).holds(v2).done();
  const again = (saved: State, visible: Version) => new Machine(config, saved, visible).asked;
  assert.equal(again(machine.state, v2), 'deliver 2 to 0 (changed)');
  machine.answers('accepted');
  assert.equal(machine.asked, 'deliver 2 to 1 (changed)');
  assert.equal(
    again(machine.state, v2),
    'deliver 2 to 0 (changed)',
    'the first target is notified again',
  );
  assert.equal(again(machine.answers('fault').state, v2), 'deliver 2 to 0 (changed)', 'retrying');
  machine.waits().answers('accepted');
  assert.equal(machine.asked, 'confirm 2');
  assert.equal(again(machine.state, v2), 'deliver 2 to 0 (changed)', 'confirming');
  assert.equal(again(machine.done().state, v2), 'commit 2', 'what is proven stays so');
  const back = steady(config).holds(v2).done().answers('refused').done();
  assert.equal(back.answers('accepted').answers('accepted').asked, 'confirm 1');
  assert.equal(again(back.state, v1), 'deliver 1 to 0 (rollback)');
});

test('P7: at the start, a confirmation with a baseline needs no new delivery', () => {
  const config = { ...PLAN, compares: true };
  const machine = new Machine(config).holds(v1).done();
  assert.equal(machine.asked, 'confirm 1');
  assert.equal(new Machine(config, machine.state, v1).asked, 'confirm 1');
});

test('P7: the baseline is never taken after the app may have read the published files', () => {
  const config = { ...PLAN, targets: [], compares: true };
  const publishing = steady(config).holds(v2);
  assert.equal(publishing.asked, 'publish 2');
  const again = (visible: Version) => new Machine(config, publishing.state, visible);
  // To publish it again would take a baseline that already includes the app's reload.
  assert.equal(again(v2).asked, 'confirm 2');
  assert.equal(again(v1).holds(v2).asked, 'superseded 2, publish 2', 'killed before it was seen');
});

test('P7: a crash in steady state has no effect on the targets', () => {
  const restarted = new Machine(PLAN, steady().state, v1);
  assert.equal(restarted.asked, '');
  assert.equal(restarted.holds(v1).asked, 'unchanged 1');
});

test('a pod created while the volume holds a bad version starts on the last good one', () => {
  const saved = steady().state;
  const machine = new Machine(PLAN, saved, null).holdsBad(v2);
  assert.equal(machine.asked, 'rejected 2, publish 1');
  assert.equal(new Machine().holdsBad(v2).phase, 'starting', 'and waits where there is none');
});

test('P2: a new pod on the last good version, not committed there yet, rolls back to it', () => {
  const config: RolloutConfig = { ...PLAN, targets: [] };
  const { state } = steady(config);
  const machine = new Machine(config, state, null);
  machine.holdsBad(v2).done().done();
  assert.deepEqual([machine.state.phase.name, machine.state.active], ['committing', null]);
  machine.holds(v3).failed().failed();
  assert.equal(machine.state.phase.name, 'publishing');
  machine.done().done();
  const { phase, published, active } = machine.state;
  assert.deepEqual([phase.name, published, active], ['steady', v1, v1]);
});

test('a first version is probed for as long as the app takes to confirm it', () => {
  const machine = new Machine().holds(v1).done();
  for (let count = 0; count < 50; count++) machine.failed().waits();
  assert.equal(machine.asked, 'confirm 1');
  assert.equal(machine.done().done().asked, 'committed 1');
});

test('content that cannot be captured is reported once, not at every check', () => {
  const machine = steady();
  const event: Event = { type: 'uncapturable', rollout: 'x', findings: [REASON] };
  assert.equal(machine.feed(event).asked, 'rejected undefined');
  assert.equal(machine.feed({ ...event, rollout: 'y' }).asked, '');
  assert.equal(machine.holds(v1).asked, 'unchanged 1');
});

test('the quarantine is bounded', () => {
  const machine = steady();
  for (let count = 0; count < MAX_QUARANTINE + 10; count++) {
    machine.holds(`sha256:bad${count}`).done().answers('refused').done().answers('accepted').done();
  }
  assert.equal(machine.state.quarantine.length, MAX_QUARANTINE);
});
