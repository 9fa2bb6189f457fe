import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterMs } from './send-webhook.ts';

const NOW_MS = Date.UTC(1994, 10, 6, 8, 49, 7);

test('Retry-After is a number of seconds, or a date in one of three forms', () => {
  for (const [header, ms] of [
    ['30', 30_000],
    [' 30 ', 30_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
    ['Sun Nov  6 08:49:37 1994', 30_000],
    ['3600', 15 * 60_000],
  ] as const)
    assert.equal(retryAfterMs(header, NOW_MS), ms, header);
});

test('any other header, or a date in the past, is ignored', () => {
  const nothing = ['0', '', '-5', '1.5', 'soon', 'Sun, 06 Nov 1994 08:00:00 GMT', '9'.repeat(400)];
  for (const header of nothing) assert.equal(retryAfterMs(header, NOW_MS), undefined, header);
});
