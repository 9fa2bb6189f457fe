import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { freePort } from '../../../../test/free-port.ts';
import { PLAIN_REQUEST } from '../../io/http/options.testing.ts';
import { createHttpClient } from '../../io/http/request.ts';
import { createConfirm } from './confirm.ts';
import { createHttpProbe } from './http.ts';
import type { Observation } from './probe.ts';

const VERSION: Version = `sha256:${'ab'.repeat(32)}`;

/** A clock whose sleeps return at once, and move its time on by their exact length. */
function fastClock(): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      nowMs += ms;
    },
  };
}

interface Course {
  looks: (nowMs: number) => Observation;
  withinMs?: number;
  holdMs?: number;
  patient?: boolean;
  /** How long an observation waits for its last response, after it has looked. */
  waitMs?: (nowMs: number) => number;
}

/** The verdict, and each report of the wait with its time. */
async function confirmOver({
  looks,
  withinMs = 30_000,
  holdMs = 5_000,
  patient: waitForFirstResponse = false,
  waitMs = () => 0,
}: Course) {
  const clock = fastClock();
  const observe = async () => {
    const seen = looks(clock.nowMs());
    await clock.sleep(waitMs(clock.nowMs()));
    return seen;
  };
  const confirm = createConfirm({
    probe: { observe },
    withinMs,
    holdMs,
    clock,
  });
  const { signal } = new AbortController();
  const waits: { readonly atMs: number; readonly said: string | null }[] = [];
  const onWaiting = (finding: Finding | null) =>
    waits.push({ atMs: clock.nowMs(), said: finding && formatFinding(finding) });
  const verdict = await confirm({
    rollout: '01J',
    version: VERSION,
    waitForFirstResponse,
    signal,
    onWaiting,
  });
  return { verdict, tookMs: clock.nowMs(), waits };
}

const good: Observation = { type: 'good' };
const bad: Observation = { type: 'bad', reason: '/health answers status 503' };
const absent: Observation = { type: 'absent', reason: 'ECONNREFUSED' };
const lost: Observation = { type: 'bad', reason: 'process app (pid 7) is gone', isFinal: true };

test('a version that is good for confirm.hold is accepted at once', async () => {
  const { verdict, tookMs } = await confirmOver({ looks: () => good });
  assert.equal(verdict.accepted, true);
  assert.equal(tookMs, 5_000);
});

test('without hold the first good observation is enough', async () => {
  const { verdict, tookMs } = await confirmOver({ looks: () => good, holdMs: 0 });
  assert.deepEqual([verdict.accepted, tookMs], [true, 0]);
});

test('a bad observation in between restarts the hold', async () => {
  const { verdict, tookMs } = await confirmOver({
    looks: (nowMs) => (nowMs > 3_000 && nowMs < 4_000 ? bad : good),
  });
  assert.equal(verdict.accepted, true);
  assert.ok(tookMs >= 9_000, `took ${tookMs}`);
});

test('the time that an observation waits for its responses is no part of the hold', async () => {
  const { verdict } = await confirmOver({
    looks: (nowMs) => (nowMs < 4_000 ? good : bad),
    waitMs: (nowMs) => (nowMs > 3_000 ? 2_000 : 0),
  });
  assert.equal(verdict.accepted, false);
});

test('a version is accepted though each observation takes long', async () => {
  const { verdict, tookMs } = await confirmOver({ looks: () => good, waitMs: () => 2_000 });
  assert.deepEqual([verdict.accepted, tookMs < 12_000], [true, true]);
});

test('a version without proof within the deadline is rejected with the last reason', async () => {
  const { verdict, tookMs } = await confirmOver({ looks: () => bad });
  assert.equal(verdict.accepted, false);
  assert.equal(tookMs, 30_000);
  assert.equal(
    verdict.findings[0]?.message,
    'no proof within 30s that the app runs on it: /health answers status 503',
  );
});

test('a version that was good too late for the hold is rejected with that reason', async () => {
  const { verdict } = await confirmOver({ looks: (nowMs) => (nowMs < 28_000 ? bad : good) });
  assert.match(verdict.findings[0]?.message ?? '', /not for as long as confirm.hold requires/);
});

test('a probation that waits for the first response has no deadline until then', async () => {
  const looks = (nowMs: number) => (nowMs < 600_000 ? absent : nowMs < 620_000 ? bad : good);
  const { verdict, tookMs } = await confirmOver({ looks, patient: true });
  assert.equal(verdict.accepted, true);
  assert.ok(tookMs > 620_000);
  const impatient = await confirmOver({ looks });
  assert.equal(impatient.verdict.accepted, false);
});

test('a final bad observation ends the probation at once, and the reason names no deadline', async () => {
  for (const patient of [false, true]) {
    const looks = (nowMs: number) => (nowMs < 1_000 ? good : lost);
    const { verdict, tookMs } = await confirmOver({ looks, patient });
    assert.equal(verdict.accepted, false);
    assert.ok(tookMs < 1_500, `took ${tookMs}`);
    assert.equal(
      verdict.findings[0]?.message,
      'no proof that the app runs on it: process app (pid 7) is gone',
    );
  }
});

test('a late proof is reported with the reason of the last observation', async () => {
  const { waits } = await confirmOver({ looks: () => bad, withinMs: 300_000 });
  const [first] = waits;
  assert.ok(first !== undefined && first.atMs > 5_000 && first.atMs < 6_000);
  const lacks = 'not proven yet: /health answers status 503';
  assert.equal(first.said, `${lacks}; 295 s are left [LG_CONFIRM_WAITING]`);
  const last = waits.at(-1);
  assert.equal(last?.said, `${lacks}; 1 s are left [LG_CONFIRM_WAITING]`);
});

test('a proof that comes or fails in time is not reported as late', async () => {
  const cases: Course[] = [
    { looks: () => good },
    { looks: () => bad, withinMs: 5_000 },
    { looks: (nowMs) => (nowMs < 10_000 ? bad : good), holdMs: 20_000, withinMs: 60_000 },
  ];
  for (const course of cases)
    assert.deepEqual(
      (await confirmOver(course)).waits.filter(({ said }) => said !== null),
      [],
    );
});

test('an app that is up now and then is reported as late only while it is down', async () => {
  const looks = (nowMs: number) => (nowMs % 4_000 < 2_000 ? bad : good);
  const { waits } = await confirmOver({ looks });
  for (const { atMs, said } of waits) assert.equal(said === null, looks(atMs) === good, `${atMs}`);
  assert.equal(new Set(waits.map(({ said }) => said === null)).size, 2);
});

test('a probation without a deadline is reported as waiting, and later with the time that is left', async () => {
  const looks = (nowMs: number) => (nowMs < 600_000 ? absent : bad);
  const { waits } = await confirmOver({ looks, patient: true });
  const said = (waits[0]?.said ?? '').replace(' [LG_CONFIRM_WAITING]', '');
  assert.equal(said, 'not proven yet: ECONNREFUSED; still waiting');
  assert.match(waits.at(-1)?.said ?? '', /status 503; 1 s are left/);
});

test('an aborted probation ends with the reason of its signal', async () => {
  const clock = fastClock();
  const controller = new AbortController();
  const probe = async () => {
    controller.abort(new Error('superseded'));
    return bad;
  };
  const confirm = createConfirm({ probe: { observe: probe }, withinMs: 1_000, holdMs: 0, clock });
  const { signal } = controller;
  const onWaiting = () => {};
  const ending = confirm({
    rollout: '01J',
    version: VERSION,
    waitForFirstResponse: false,
    signal,
    onWaiting,
  });
  await assert.rejects(ending, /superseded/);
});

test('the probe tells health, version echo and absence apart', async (t) => {
  // The timeout of an observation never passes on a busy machine.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let status = 200;
  let body: unknown = {};
  const server = http.createServer((_request, response) =>
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)),
  );
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const client = createHttpClient();
  const url = `http://127.0.0.1:${port}/health`;
  const probe = createHttpProbe(
    { ...PLAIN_REQUEST, url, success: ['2xx'], versionJson: 'config.version', json: undefined },
    { client, sealed: false },
  );
  const look = async () => {
    const { signal } = new AbortController();
    const seen = await probe.observe({ rollout: '01J', version: VERSION, signal });
    return seen.type === 'good' ? 'good' : `${seen.type}: ${seen.reason}`;
  };
  body = { config: { version: VERSION } };
  assert.equal(await look(), 'good');
  body = { config: { version: 'abababababab' } };
  assert.equal(await look(), 'good');
  body = { config: { version: 'ab' } };
  assert.equal(await look(), `bad: ${url} reports that the app runs on something else`);
  body = { config: { version: `sha256:${'cd'.repeat(32)}` } };
  assert.equal(await look(), `bad: ${url} reports that the app runs on cdcdcdcdcdcd`);
  body = 'not JSON';
  assert.equal(await look(), `bad: ${url} has no version at config.version in its JSON body`);
  status = 503;
  assert.equal(await look(), `bad: ${url} answers status 503`);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  assert.match(await look(), /^absent: .*ECONNREFUSED/);
  client.close();
});
