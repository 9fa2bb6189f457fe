import assert from 'node:assert/strict';
import { test } from 'node:test';
import { absenceLimitMs } from './absence.ts';
import { Machine, PLAN, REASON, RETRIES, steady, v1, v2 } from './machine.testing.ts';
import type { Rollout, RolloutConfig } from './state.ts';

const TURNS: RolloutConfig = { ...PLAN, maxAbsenceMs: 3_000 };

/** Attempts until an absence of 3 s is over: each wait is 0.75 s on average. */
const ATTEMPTS = 4;

/** The target is absent this many more times; the attempt after the last one has not begun. */
function absent(machine: Machine, attempts: number): Machine {
  for (let count = 1; count < attempts; count++) machine.answers('absent').waits();
  return machine.answers('absent');
}

/** The wait for the next turn of the version that was rolled back is over. */
function turn(machine: Machine): Machine {
  return machine.feed({ type: 'pending-retry-due', rollout: 'turn', version: v2 });
}

test('an app that stays absent on a version finds the last good one, and is notified of it', () => {
  const machine = absent(steady(TURNS).holds(v2).done(), ATTEMPTS);
  assert.equal(machine.asked, 'wait 1000');
  assert.equal(machine.waits().answers('absent').asked, 'publish 1');
  assert.equal(machine.done().asked, 'deliver 1 to 0 (rollback)');
  assert.equal(machine.answers('accepted').done().asked, 'rolled-back 2, wait-pending-retry 30000');
  assert.equal(machine.state.quarantine.length, 0, 'it may have been down for another reason');
  assert.equal(machine.state.rejected?.version, v2);
});

test('while the app is absent on both, they take turns that double, until one is proven', () => {
  const machine = absent(steady(TURNS).holds(v2).done(), ATTEMPTS + 1).done();
  assert.equal(absent(machine, ATTEMPTS).asked, 'wait 1000, wait-pending-retry 0');
  assert.equal(turn(machine).asked, 'superseded 2, publish 2');
  assert.equal(machine.done().asked, 'deliver 2 to 0 (changed)');
  assert.equal(absent(machine, 2 * ATTEMPTS).asked, 'wait 1000');
  assert.equal(machine.waits().answers('absent').asked, 'publish 1');
  assert.match(absent(machine.done(), 2 * ATTEMPTS).asked, /wait-pending-retry 0$/);
  turn(machine).done().answers('accepted').done().done();
  assert.equal(machine.asked, 'committed 2');
  assert.equal(machine.state.pendingRetry, null);
});

test('without a last good version, or where nothing is put back, an app may stay absent', () => {
  const first = new Machine({ ...TURNS, tellsAtStart: true }).holds(v1).done();
  assert.equal(absent(first, 100).asked, 'wait 1000');
  for (const more of [{ publishes: false }, { onFailure: 'hold' }] as const)
    assert.equal(
      absent(
        steady({ ...TURNS, ...more })
          .holds(v2)
          .done(),
        100,
      ).asked,
      'wait 1000',
    );
});

test('a version that was refused has no turn while the app is absent in its rollback', () => {
  const machine = steady(TURNS).holds(v2).done().answers('refused').done();
  assert.equal(absent(machine, 100).asked, 'wait 1000');
  assert.equal(turn(machine).asked, '');
});

test('a version that no longer passes its checks has no turn', () => {
  const machine = absent(steady(TURNS).holds(v2).done(), ATTEMPTS + 1).done();
  const restarted = new Machine(TURNS, machine.state, v1).holdsBad(v2);
  assert.equal(absent(restarted, 100).asked, 'wait 1000');
});

test('after a restart of the sidecar the turns go on', () => {
  const machine = absent(steady(TURNS).holds(v2).done(), ATTEMPTS + 1).done();
  const restarted = new Machine(TURNS, absent(machine, 2).state, v1).holds(v2);
  assert.match(absent(restarted, ATTEMPTS - 2).asked, /wait-pending-retry 0$/);
  assert.equal(turn(restarted).asked, 'superseded 2, publish 2');
});

test('with unlimited attempts, an app that is gone after a fault does not stay absent', () => {
  const endless = { ...TURNS, targets: [{ ...RETRIES, attempts: Infinity }] };
  const machine = steady(endless).holds(v2).done().answers('fault').waits();
  for (let count = 0; count < 10 && machine.phase === 'delivering'; count++)
    machine.answers('absent').waits();
  assert.equal(machine.phase, 'publishing');
  assert.equal(machine.asked, '', 'the wait was over before');
});

test('a proof that waits for the first response ends, too, if there is a last good version', () => {
  const noTargets = { ...TURNS, targets: [] };
  const machine = steady(noTargets).holds(v2).done();
  const [effect] = machine.effects;
  assert.equal(effect?.type === 'confirm' && effect.maxAbsenceMs, 3_000);
  const { generation } = machine.state;
  machine.feed({ type: 'failed', generation, findings: [REASON], isAbsent: true });
  assert.equal(machine.asked, 'publish 1');
  assert.equal(machine.state.quarantine.length, 0);
  const first = new Machine(TURNS).holds(v1).done().effects[0];
  assert.equal(first?.type === 'confirm' && first.maxAbsenceMs, undefined);
});

test('a version on which the app did not start twice, but on the last good one, is quarantined', () => {
  const machine = absentTwice(5 * 60_000);
  assert.equal(machine.asked, 'rolled-back 2');
  assert.equal(machine.state.rejected?.findings[0]?.code, 'LG_DELIVER_CRASHED');
  assert.equal(machine.holds(v1).holds(v2).asked, 'rejected 2');
});

/** The app is absent for a turn on version 2 and answers on the last good one, in two rollouts. */
function absentTwice(maxAbsenceMs: number): Machine {
  const attempts = maxAbsenceMs / 750;
  const machine = absent(
    steady({ ...TURNS, maxAbsenceMs })
      .holds(v2)
      .done(),
    attempts + 1,
  ).done();
  machine.answers('accepted').done();
  assert.equal(machine.asked, 'rolled-back 2, wait-pending-retry 30000');
  absent(turn(machine).done(), 2 * attempts + 1).done();
  return machine.answers('accepted').done();
}

test('a turn that is shorter than the longest wait of the kubelet for a restart blames no version', () => {
  const machine = absentTwice(2 * 60_000);
  assert.equal(machine.asked, 'rolled-back 2, wait-pending-retry 60000');
  assert.equal(machine.state.quarantine.length, 0);
});

test('a first start that takes long is never rolled back, also after a restart of the sidecar', () => {
  const machine = new Machine(TURNS, steady(TURNS).state, null).holds(v2).done();
  for (const { effects } of [machine, new Machine(TURNS, machine.state, v2)]) {
    const confirm = effects.find(({ type }) => type === 'confirm');
    assert.equal(confirm?.type === 'confirm' && confirm.waitForFirstResponse, true);
    assert.equal(confirm?.type === 'confirm' && confirm.maxAbsenceMs, undefined);
  }
  const told = { ...TURNS, tellsAtStart: true };
  const telling = new Machine(told, steady(told).state, null).holds(v2).done();
  assert.equal(absent(telling, 100).asked, 'wait 1000');
});

test('an app that loads for 20 minutes fits into a turn, whatever the settings', () => {
  const machine = steady(TURNS).holds(v2).done();
  const failures = 20;
  const pendingRetry = { version: v2, failures };
  const { rollout } = machine.state.phase as { rollout: Rollout };
  const limitMs = absenceLimitMs({ ...machine.state, pendingRetry }, rollout, TURNS);
  assert.equal(limitMs, 60 * 60_000);
});

/** The app ends the connection, and is absent after it. */
function crash(machine: Machine): Machine {
  return machine.answers('fault', { isReset: true }).waits().answers('absent');
}

test('a version that ends the app twice is quarantined', () => {
  const machine = crash(steady().holds(v2).done());
  assert.equal(machine.asked, 'wait 2000');
  const endless = { ...PLAN, targets: [{ ...RETRIES, attempts: 10 }] };
  const twice = crash(crash(steady(endless).holds(v2).done()).waits());
  assert.equal(twice.asked, 'publish 1');
  assert.equal(twice.done().answers('accepted').done().asked, 'rolled-back 2');
  assert.equal(twice.state.rejected?.findings[0]?.code, 'LG_DELIVER_CRASHED');
  assert.equal(twice.holds(v1).holds(v2).asked, 'rejected 2');
});

test('a version that ends the app once in each of two rollouts is quarantined in the rollback', () => {
  const machine = crash(steady().holds(v2).done()).waits().answers('absent').done();
  assert.equal(machine.answers('accepted').done().asked, 'rolled-back 2, wait-pending-retry 30000');
  assert.equal(turn(machine).done().asked, 'deliver 2 to 0 (changed)');
  assert.equal(
    machine.answers('fault', { isReset: true }).asked,
    'publish 1',
    'one attempt a turn',
  );
  assert.equal(machine.done().answers('absent').asked, 'wait 1000');
  assert.equal(machine.state.quarantine.length, 1);
  assert.equal(machine.waits().answers('accepted').done().asked, 'rolled-back 2');
});

/** An app that was killed while it was notified: rolled back, and its version has another turn. */
function killedOnce(): Machine {
  const machine = crash(steady().holds(v2).done()).waits().answers('absent').done();
  assert.equal(machine.state.crashes?.count, 1);
  return machine;
}

test('a crash does not count with one before which the app has answered, or runs on another', () => {
  const answered = turn(killedOnce().answers('accepted').done()).done().answers('fault');
  turn(answered.done().answers('accepted').done()).done().answers('fault', { isReset: true });
  answered.done().answers('absent');
  assert.equal(answered.state.quarantine.length, 0);
  const older = killedOnce().answers('accepted').done().holds(v1).holds(v2).done();
  assert.equal(crash(older).state.quarantine.length, 0);
});

test('a version is not to blame if the app crashes on the last good one as well', () => {
  const machine = killedOnce().answers('fault', { isReset: true }).waits();
  turn(machine.answers('accepted').done()).done().answers('fault', { isReset: true });
  machine.done().answers('absent');
  assert.equal(machine.state.quarantine.length, 0);
});

test('a reset alone, an absence alone, and a crash on the last good version quarantine nothing', () => {
  const endless = { ...PLAN, targets: [{ ...RETRIES, attempts: 100 }] };
  const machine = steady(endless).holds(v2).done();
  for (let count = 0; count < 5; count++)
    machine.answers('fault', { isReset: true }).waits().answers('fault').waits();
  for (let count = 0; count < 5; count++) machine.answers('absent').waits();
  assert.equal(machine.state.quarantine.length, 0);
  const back = steady(endless).holds(v2).done().answers('fault', { final: true }).done();
  for (let count = 0; count < 5; count++) crash(back).waits();
  assert.equal(back.state.quarantine.length, 0);
});

test('a faulty version is not published between its turns, and has one attempt in each', () => {
  const machine = steady().holds(v2).done();
  for (const _ of [1, 2]) machine.answers('fault').waits();
  machine.answers('fault').done().answers('accepted').done();
  for (const waitMs of [60_000, 120_000]) {
    assert.equal(machine.state.published, v1);
    assert.equal(turn(machine).done().answers('fault').asked, 'publish 1');
    machine.done().answers('accepted').done();
    assert.equal(machine.asked, `rolled-back 2, wait-pending-retry ${waitMs}`);
  }
  turn(machine).done().answers('accepted').done().done();
  assert.equal(machine.asked, 'committed 2');
});

test('with quarantineAfter, a version that fails so often is not tried again', () => {
  const machine = steady({ ...PLAN, quarantineAfter: 2 })
    .holds(v2)
    .done();
  for (const _ of [1, 2]) machine.answers('fault').waits();
  machine.answers('fault').done().answers('accepted').done();
  turn(machine).done().answers('fault').done().answers('accepted').done();
  assert.equal(machine.asked, 'rolled-back 2');
  assert.equal(machine.holds(v1).holds(v2).asked, 'rejected 2');
});
