import assert from 'node:assert/strict';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { EVENT } from '@lastgood/core/model/reload-event.testing.ts';
import { Scene, until } from '../../io/process/process.testing.ts';
import { listProcesses } from '../../io/process/process-table.ts';
import type { RestartSettings } from '../../settings/settings.ts';
import { createRestart } from './restart.ts';
import type { Delivery, Target } from './target.ts';

const NEWER = { ...EVENT, version: `sha256:${'b'.repeat(64)}`, rollout: '01K' } as const;
const GRACE_MS = 30_000;
const patient = new AbortController().signal;

interface Asked extends Partial<RestartSettings> {
  readonly clock?: Clock;
}

/** No deadline passes on it: a busy machine may take any time to end a process, or to start one. */
const patientClock: Clock = { ...systemClock, nowMs: () => 0 };

function restart(scene: Scene, { clock = patientClock, ...more }: Asked = {}): Target {
  const retries = { attempts: 5, backoffMs: 1_000, maxMs: 30_000 };
  const settings = { ...scene.settings(), graceMs: GRACE_MS, kill: false, retries, ...more };
  return createRestart(settings, clock, join(scene.dir, 'memory'));
}

/** A clock that counts its sleeps: between two of them there is a look. */
function countingClock() {
  let sleeps = 0;
  const sleep: Clock['sleep'] = (ms, signal) => {
    sleeps += 1;
    return systemClock.sleep(ms, signal);
  };
  return { clock: { ...patientClock, sleep }, sleeps: () => sleeps };
}

async function isThere(pid: number): Promise<boolean> {
  return (await listProcesses()).some((one) => one.pid === pid);
}

/** A clock on which the grace is over as soon as the app has heard SIGTERM. */
function graceClock(scene: Scene): Clock {
  let overMs = 0;
  const sleep: Clock['sleep'] = async (ms, signal) => {
    if (overMs > 0) return systemClock.sleep(ms, signal);
    await until(() => scene.pidsIn('SIGTERM').length > 0);
    overMs = GRACE_MS;
  };
  return { ...systemClock, nowMs: () => overMs, sleep };
}

/** Whether the target's memory matches. */
function isNoted(scene: Scene, pattern: string): boolean {
  return new RegExp(pattern).test(readFileSync(join(scene.dir, 'memory'), 'utf8'));
}

const codesOf = ({ answer, findings }: Delivery) => [answer, ...findings.map(({ code }) => code)];

const ACCEPTED: Delivery = { answer: 'accepted', findings: [] };

test('the app is asked to end, and another process is up when it is accepted', async (t) => {
  const scene = new Scene(t);
  const pid = await scene.start({ supervised: true, catches: [] });
  const target = restart(scene);
  assert.equal(target.name, `restart of ${scene.name}`);
  assert.deepEqual(await target.deliver(EVENT, patient), ACCEPTED);
  assert.ok(!(await isThere(pid)));
  await until(() => scene.pidsIn('started').length === 2);
});

test('P7: never twice for one version, also by another sidecar; another version once more', async (t) => {
  const scene = new Scene(t);
  await scene.start({ supervised: true });
  assert.deepEqual(await restart(scene).deliver(EVENT, patient), ACCEPTED);
  await until(() => scene.pidsIn('started').length === 2);
  const again = [EVENT, { ...EVENT, attempt: 2 }, { ...EVENT, rollout: '01K' }];
  for (const event of again)
    assert.deepEqual(await restart(scene).deliver(event, patient), ACCEPTED);
  assert.equal(scene.pidsIn('started').length, 2);
  assert.deepEqual(await restart(scene).deliver(NEWER, patient), ACCEPTED);
  // A process that is asked to end while it starts would not be counted.
  await until(() => scene.pidsIn('started').length === 3);
  const back = { ...EVENT, rollout: NEWER.rollout, reason: 'rollback' } as const;
  assert.deepEqual(await restart(scene).deliver(back, patient), ACCEPTED);
  assert.deepEqual(await restart(scene).deliver(back, patient), ACCEPTED);
  await until(() => scene.pidsIn('started').length === 4);
});

test('P5: an app that has restarted by itself since is restarted in a later rollout of its version', async (t) => {
  const scene = new Scene(t);
  await scene.start({ supervised: true });
  assert.deepEqual(await restart(scene).deliver(EVENT, patient), ACCEPTED);
  await until(() => scene.pidsIn('started').length === 2);
  // Another version may have been published meanwhile, without a notification of this target.
  process.kill(scene.pidsIn('started')[1] ?? 0, 'SIGKILL');
  await until(() => scene.pidsIn('started').length === 3);
  const back = { ...EVENT, rollout: NEWER.rollout, reason: 'rollback' } as const;
  assert.deepEqual(await restart(scene).deliver(back, patient), ACCEPTED);
  await until(() => scene.pidsIn('started').length === 4);
  process.kill(scene.pidsIn('started')[3] ?? 0, 'SIGKILL');
  await until(() => scene.pidsIn('started').length === 5);
  assert.deepEqual(await restart(scene).deliver(back, patient), ACCEPTED);
  assert.equal(scene.pidsIn('started').length, 5, 'and just once in that rollout');
});

test('P5: a process that started unseen is restarted in a later rollout of the requested version', async (t) => {
  const scene = new Scene(t);
  scene.stranger();
  assert.equal((await restart(scene).deliver(EVENT, patient)).answer, 'absent');
  // Another version is published meanwhile, and refused by a target before this one.
  const pid = await scene.start({ supervised: true });
  const later = { ...EVENT, rollout: NEWER.rollout };
  assert.deepEqual(await restart(scene).deliver(later, patient), ACCEPTED);
  assert.ok(!(await isThere(pid)));
});

test('a process that does not end within its grace is a fault, and gets no second SIGTERM', async (t) => {
  const scene = new Scene(t);
  const pid = await scene.start({ mode: 'deaf' });
  for (let attempt = 1; attempt <= 2; attempt++) {
    const delivery = await restart(scene, { clock: graceClock(scene) }).deliver(EVENT, patient);
    assert.deepEqual(codesOf(delivery), ['fault', 'LG_DELIVER_STILL_RUNNING']);
    assert.match(
      delivery.findings[0]?.message ?? '',
      new RegExp(`pid ${pid} has not ended .* 30s`),
    );
  }
  const later = { ...EVENT, rollout: NEWER.rollout };
  const delivery = await restart(scene, { clock: graceClock(scene) }).deliver(later, patient);
  assert.deepEqual(codesOf(delivery), ['fault', 'LG_DELIVER_STILL_RUNNING']);
  await scene.hasHeard(pid);
  assert.deepEqual(scene.pidsIn('SIGTERM'), [pid]);
});

test('kill: true ends it by SIGKILL after the grace, and not before SIGTERM', async (t) => {
  const scene = new Scene(t);
  const pid = await scene.start({ mode: 'deaf', supervised: true });
  const target = restart(scene, { clock: graceClock(scene), kill: true });
  assert.deepEqual(await target.deliver(EVENT, patient), ACCEPTED);
  assert.deepEqual(scene.pidsIn('SIGTERM'), [pid]);
});

test('a newer version ends the wait, and sends no second SIGTERM to a process that is ending', async (t) => {
  const scene = new Scene(t);
  const pid = await scene.start({ mode: 'deaf' });
  let setForwardMs = 0;
  const wallMs = () => systemClock.wallMs() + setForwardMs;
  const target = restart(scene, { clock: { ...patientClock, wallMs } });
  const preempted = new AbortController();
  const delivery = target.deliver(EVENT, preempted.signal);
  await until(() => scene.pidsIn('SIGTERM').length > 0);
  preempted.abort();
  assert.match((await delivery).findings[0]?.message ?? '', /it has not ended yet/);
  // A clock that is set meanwhile does not shorten the grace.
  setForwardMs = 10 * GRACE_MS;
  const next = target.deliver(NEWER, patient);
  // The journal notes a process as done once it has its SIGTERM, or needs none.
  await until(() => isNoted(scene, `"${NEWER.version}".*"sent":true`));
  await scene.hasHeard(pid);
  process.kill(pid, 'SIGKILL');
  const other = await scene.start();
  assert.deepEqual(await next, ACCEPTED);
  assert.ok(await isThere(other));
  assert.deepEqual(scene.pidsIn('SIGTERM'), [pid]);
});

test('without a process the app is absent, and one that starts later is not ended', async (t) => {
  const scene = new Scene(t);
  scene.stranger();
  const target = restart(scene);
  assert.deepEqual(codesOf(await target.deliver(EVENT, patient)), ['absent', 'LG_DELIVER_ABSENT']);
  const pid = await scene.start();
  assert.deepEqual(await target.deliver(EVENT, patient), ACCEPTED);
  assert.ok(await isThere(pid));
});

test('a newer version says as well that it waits for the kubelet, and ends no process', async (t) => {
  const scene = new Scene(t);
  scene.stranger();
  const pid = await scene.start();
  const preempted = new AbortController();
  const target = restart(scene);
  const first = target.deliver(EVENT, preempted.signal);
  await until(async () => !(await isThere(pid)));
  preempted.abort();
  const waits = /it has ended, and waits for the kubelet to start its container again/;
  for (const delivery of [await first, await target.deliver(NEWER, AbortSignal.abort())]) {
    assert.deepEqual(codesOf(delivery), ['absent', 'LG_DELIVER_ABSENT']);
    assert.match(delivery.findings[0]?.message ?? '', waits);
  }
  // Another sidecar knows it too.
  const third = { ...NEWER, version: `sha256:${'c'.repeat(64)}`, rollout: '01L' } as const;
  const delivery = await restart(scene).deliver(third, AbortSignal.abort());
  assert.match(delivery.findings[0]?.message ?? '', waits);
  const other = await scene.start();
  assert.deepEqual(await restart(scene).deliver(third, patient), ACCEPTED);
  assert.ok(await isThere(other));
});

test('workers that outlive their master are not the new process', async (t) => {
  const scene = new Scene(t);
  const master = await scene.start({ workers: 2 });
  const preempted = new AbortController();
  const { clock, sleeps } = countingClock();
  const delivery = restart(scene, { clock }).deliver(EVENT, preempted.signal);
  await until(async () => !(await isThere(master)));
  const before = sleeps();
  await until(() => sleeps() >= before + 2);
  preempted.abort();
  assert.deepEqual(codesOf(await delivery), ['absent', 'LG_DELIVER_ABSENT']);
  const workers = scene.pidsIn('started').filter((pid) => pid !== master);
  for (const pid of workers) assert.ok(await isThere(pid));
  await scene.start();
  assert.deepEqual(await restart(scene).deliver(EVENT, patient), ACCEPTED);
});

test('two trees are ambiguous; with all: true both are restarted', async (t) => {
  const scene = new Scene(t);
  for (let tree = 0; tree < 2; tree++) await scene.start({ supervised: true });
  const delivery = await restart(scene).deliver(EVENT, patient);
  assert.deepEqual(codesOf(delivery), ['fault', 'LG_DELIVER_AMBIGUOUS']);
  assert.deepEqual(await restart(scene, { all: true }).deliver(EVENT, patient), ACCEPTED);
  await until(() => scene.pidsIn('started').length === 4);
});

test('P7: a restart that cannot be recorded is not carried out', async (t) => {
  const scene = new Scene(t);
  const pid = await scene.start({ mode: 'deaf' });
  const settings = { ...scene.settings(), graceMs: GRACE_MS, kill: true };
  const retries = { attempts: 5, backoffMs: 1_000, maxMs: 30_000 };
  const journalPath = join(scene.dir, 'missing', 'memory');
  const target = createRestart({ ...settings, retries }, patientClock, journalPath);
  assert.deepEqual(codesOf(await target.deliver(EVENT, patient)), ['fault', 'LG_COMMIT_STATE']);
  await scene.hasHeard(pid);
  assert.deepEqual(scene.pidsIn('SIGTERM'), []);
});

test('P7: a sidecar that was killed around the SIGTERM sends another one after the grace', async (t) => {
  const scene = new Scene(t);
  const pid = await scene.start({ mode: 'deaf' });
  const asked = (await listProcesses()).find((one) => one.pid === pid);
  const ended = [{ pid, startTicks: asked?.startTicks }];
  const { version, rollout } = EVENT;
  const ask = { version, rollout, atMs: Date.now(), sent: false, ended, old: ended };
  writeFileSync(join(scene.dir, 'memory'), JSON.stringify(ask));
  for (let attempt = 1; attempt <= 2; attempt++)
    assert.equal((await restart(scene, { graceMs: 0 }).deliver(EVENT, patient)).answer, 'fault');
  await scene.hasHeard(pid);
  assert.deepEqual(scene.pidsIn('SIGTERM'), [pid]);
});

test('a journal that was cut off counts as missing', async (t) => {
  const scene = new Scene(t);
  await scene.start({ supervised: true });
  const { version, rollout } = EVENT;
  const whole = { version, rollout, atMs: 0, sent: true, ended: [], old: [] };
  const wrong = [
    { ...whole, ended: [null] },
    { ...whole, runs: [{ pid: -1, startTicks: 1 }] },
  ];
  const texts = [
    '{"version":',
    'null',
    '{"ended":[]}',
    ...wrong.map((each) => JSON.stringify(each)),
  ];
  for (const text of texts) {
    writeFileSync(join(scene.dir, 'memory'), text);
    assert.deepEqual(await restart(scene).deliver(EVENT, patient), ACCEPTED, text);
  }
});

test('P9: a process that is younger than the pid file is not ended', async (t) => {
  const scene = new Scene(t);
  const pid = await scene.start({ catches: ['SIGTERM'] });
  const pidFile = join(scene.dir, 'pid');
  writeFileSync(pidFile, String(pid));
  const writtenAt = Date.now() / 1_000 - 3_600;
  utimesSync(pidFile, writtenAt, writtenAt);
  const target = restart(scene, { process: undefined, pidFile });
  assert.deepEqual(codesOf(await target.deliver(EVENT, patient)), ['absent', 'LG_DELIVER_ABSENT']);
  await scene.hasHeard(pid);
  assert.deepEqual(scene.pidsIn('SIGTERM'), []);
  assert.ok(await isThere(pid));
});
