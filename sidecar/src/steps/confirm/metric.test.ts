import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, mock, test } from 'node:test';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { freePort } from '../../../../test/free-port.ts';
import { PLAIN_REQUEST } from '../../io/http/options.testing.ts';
import { createHttpClient, type HttpClient } from '../../io/http/request.ts';
import type { MetricProbeSettings } from '../../settings/settings.ts';
import { createMetricProbe } from './metric.ts';

const VERSION: Version = `sha256:${'ab'.repeat(32)}`;

let server: http.Server;
let client: HttpClient;
let origin: string;
/** What the app shows; a number is a status, and null no answer at all. */
let page: string | number | null = '';
let asked = 0;

before(async () => {
  // The timeout of an observation never passes: a busy machine may take longer for the page.
  mock.timers.enable({ apis: ['setTimeout'] });
  client = createHttpClient();
  server = http.createServer((_request, response) => {
    asked += 1;
    if (page === null) return void response.destroy();
    response.statusCode = typeof page === 'number' ? page : 200;
    response.end(typeof page === 'number' ? '' : page);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

interface Asked {
  readonly query?: string;
  readonly url?: string;
  readonly wallMs?: () => number;
  readonly sleep?: Clock['sleep'];
}

function probeOf(
  expect: MetricProbeSettings['expect'],
  { query = 'app_x', url, wallMs, sleep }: Asked = {},
) {
  const clock: Clock = { ...systemClock, ...(wallMs && { wallMs }), ...(sleep && { sleep }) };
  const settings = { ...PLAIN_REQUEST, url: url ?? `${origin}/metrics`, query, expect };
  const probe = createMetricProbe(settings, { client, clock, baselinePath: undefined });
  const { signal } = new AbortController();
  return {
    before: async (rollout = '01J') => probe.recordBaseline?.(rollout),
    look: async (rollout = '01J') => {
      const look = await probe.observe({ rollout, version: VERSION, signal });
      return look.type === 'good' ? 'good' : `${look.type}: ${look.reason}`;
    },
  };
}

test('equals requires the value of every series that matches', async () => {
  const probe = probeOf({ equals: 1 }, { query: 'app_config_last_reload_successful' });
  page = 'app_config_last_reload_successful 1\n';
  assert.equal(await probe.look(), 'good');
  page = 'app_config_last_reload_successful 0\n';
  assert.equal(await probe.look(), 'bad: app_config_last_reload_successful is 0, and must be 1');
  page = 'app_config_last_reload_successful NaN\n';
  assert.match(await probe.look(), /^bad: .* is NaN, and must be 1$/);
  page = ['a', 'b'].map((each) => `app_x{w="${each}"} ${each === 'a' ? 1 : 0}`).join('\n');
  assert.equal(await probeOf({ equals: 1 }, { query: 'app_x{w="a"}' }).look(), 'good');
  assert.equal(await probeOf({ equals: 1 }).look(), 'bad: app_x is 0, and must be 1');
});

test('a page without the metric is bad, and a missing page is bad or absent', async () => {
  const probe = probeOf({ equals: 1 });
  page = 'app_xy 1\n';
  assert.equal(await probe.look(), `bad: ${origin}/metrics has no series app_x`);
  page = 503;
  assert.equal(await probe.look(), `bad: ${origin}/metrics answers status 503`);
  const absent = probeOf({ equals: 1 }, { url: `http://127.0.0.1:${await freePort()}/metrics` });
  assert.match(await absent.look(), /^absent: .*ECONNREFUSED/);
});

test('P8: neither the password nor the token of the URL is shown', async () => {
  page = 404;
  const url = `${origin.replace('//', '//user:hunter2@')}/metrics?token=hunter2`;
  assert.doesNotMatch(await probeOf({ equals: 1 }, { url }).look(), /hunter2/);
});

test('a page of a megabyte is read completely, and one above the limit is bad', async () => {
  const line = `app_other{shard="${'x'.repeat(80)}"} 1\n`;
  page = `${line.repeat(2 ** 20 / line.length)}app_x 1\n`;
  assert.equal(await probeOf({ equals: 1 }).look(), 'good');
  page = `app_x 1\n${line.repeat(Math.ceil((4 * 2 ** 20) / line.length))}`;
  assert.equal(
    await probeOf({ equals: 1 }).look(),
    `bad: ${origin}/metrics answers more than 4 MiB`,
  );
});

test('increased requires a higher sum of all series than before the notification', async () => {
  const probe = probeOf('increased');
  page = 'app_x{r="ok"} 5\napp_x{r="failed"} 2\n';
  await probe.before();
  assert.equal(
    await probe.look(),
    'bad: app_x is 7, and has not increased since the app was notified',
  );
  page = 'app_x{r="ok"} 6\napp_x{r="failed"} 2\n';
  await probe.before();
  assert.equal(await probe.look(), 'good', 'noted once a rollout');
  await probe.before('01K');
  assert.match(await probe.look('01K'), /^bad: app_x is 8/);
});

test('increased counts from 0 if the app was restarted or absent', async () => {
  const probe = probeOf('increased');
  page = 'app_x 57\n';
  await probe.before();
  page = 'app_x 0\n';
  assert.match(await probe.look(), /^bad: app_x is 0, and has not increased/);
  page = 'app_x 1\n';
  assert.equal(await probe.look(), 'good');
  const other = probeOf('increased');
  page = 404;
  await other.before();
  page = 'app_x 0\n';
  assert.match(await other.look(), /^bad: /);
  page = 'app_x 1\n';
  assert.equal(await other.look(), 'good');
});

test('increased proves nothing if the app was there but the baseline could not be read', async () => {
  const probe = probeOf('increased');
  page = null;
  await probe.before();
  page = 'app_x 57\n';
  const reason = 'its value before the app was notified could not be read';
  assert.equal(await probe.look(), `bad: app_x is 57, and ${reason}`);
  // An app that shows its page, but not yet the series, has counted nothing.
  page = 'app_other 1\n';
  await probe.before('other');
  page = 'app_x 1\n';
  assert.equal(await probe.look('other'), 'good');
});

test('newer requires a time since the notification, in whole seconds or finer', async () => {
  page = 'app_x 1699999990.5\n';
  const probe = probeOf('newer', { wallMs: () => 1_700_000_000_900 });
  await probe.before();
  page = 'app_x{w="a"} 1699999990.5\napp_x{w="b"} 1699999999\n';
  assert.equal(await probe.look(), 'bad: app_x is 1699999999, from before the app was notified');
  page = 'app_x{w="a"} 1699999990.5\napp_x{w="b"} 1.7e+09\n';
  assert.equal(await probe.look(), 'good');
  page = '';
  const edge = probeOf('newer', { wallMs: () => 1_700_000_000_050 });
  await edge.before();
  page = 'app_x 1699999999\n';
  assert.equal(await edge.look(), 'good', 'the clock of the app may lag by a moment');
});

test('newer allows for a clock that was set back, and what has not moved proves nothing', async () => {
  let wallMs = 1_700_000_010_000;
  const probe = probeOf('newer', { wallMs: () => wallMs });
  page = 'app_x 1700000009.5\n';
  await probe.before();
  wallMs -= 3_000;
  assert.match(await probe.look(), /^bad: app_x is 1700000009.5, from before/);
  page = 'app_x 1700000005.9\n';
  assert.match(await probe.look(), /^bad/);
  page = 'app_x 1700000007.5\n';
  assert.equal(await probe.look(), 'good');
});

test('without a notification it is enough that the series exists', async () => {
  page = 'app_x 0\n';
  for (const expect of ['increased', 'newer'] as const)
    assert.equal(await probeOf(expect).look(), 'good');
  page = '';
  assert.match(await probeOf('newer').look(), /^bad: .* has no series app_x$/);
});

test('the time of a reload does not prove another one in the same second', async () => {
  let nowMs = 1_700_000_000_300;
  const slept: number[] = [];
  const sleep = async (ms: number) => {
    slept.push(ms);
    nowMs += ms;
  };
  const probe = probeOf('newer', { wallMs: () => nowMs, sleep });
  page = 'app_x 1700000000\n';
  await probe.before();
  assert.deepEqual(slept, [800], 'until the next second, and a moment for a clock that lags');
  assert.equal(await probe.look(), 'bad: app_x is 1700000000, from before the app was notified');
  page = 'app_x 1700000001\n';
  assert.equal(await probe.look(), 'good');
  // A clock that is far ahead is not waited for; but what has not moved proves nothing.
  page = 'app_x 1700009999\n';
  await probe.before('other');
  assert.deepEqual(slept, [800]);
  assert.match(await probe.look('other'), /^bad/);
  // Fractions tell two reloads apart by themselves.
  page = 'app_x 1700000001.2\n';
  await probe.before('third');
  assert.deepEqual(slept, [800]);
});

test('equals sends no request before the notification', async () => {
  asked = 0;
  await probeOf({ equals: 1 }).before();
  assert.equal(asked, 0);
});

test('only the baselines of the newest rollouts are kept', async () => {
  const probe = probeOf('increased');
  page = 'app_x 5\n';
  for (let count = 0; count < 100; count++) await probe.before(`r${count}`);
  assert.match(await probe.look('r99'), /^bad/);
  assert.match(await probe.look('r95'), /^bad/);
  assert.equal(await probe.look('r5'), 'good', 'forgotten');
});

test('a page of 400,000 series has a newest time, a sum and a value', async () => {
  const series = (value: number) => `app_x ${value}\n`.repeat(400_000);
  page = series(5);
  const newer = probeOf('newer', { wallMs: () => 1_700_000_000_000 });
  await newer.before();
  assert.equal(await newer.look(), 'bad: app_x is 5, from before the app was notified');
  page = `app_x 1700000000\n${series(5)}`;
  assert.equal(await newer.look(), 'good');
  const increased = probeOf('increased');
  await increased.before();
  assert.match(await increased.look(), /^bad: app_x is 1702000000, and has not increased/);
  assert.match(await probeOf({ equals: 5 }).look(), /^bad: app_x is 1700000000, and must be 5$/);
});
