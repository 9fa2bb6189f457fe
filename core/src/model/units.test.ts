import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationMs, formatDuration, sizeBytes } from './units.ts';

test('durations are milliseconds', () => {
  const durations = ['0ms', '250ms', '30s', '5m', '1h'].map(durationMs);
  assert.deepEqual(durations, [0, 250, 30_000, 300_000, 3_600_000]);
});

test('sizes are bytes', () => {
  assert.deepEqual(
    ['0', '512', '64Ki', '1Mi', '2Gi'].map(sizeBytes),
    [0, 512, 65_536, 1_048_576, 2_147_483_648],
  );
});

test('other texts than durations and sizes are NaN', () => {
  for (const text of ['', 's', '5', '-1s', '1.5s', '1h30m', '1d', '5 s', '5S'])
    assert.ok(Number.isNaN(durationMs(text)), text);
  for (const text of ['', 'Mi', '-1', '1.5Mi', '1MB', '1M', '1k', '1 Mi', '1ki'])
    assert.ok(Number.isNaN(sizeBytes(text)), text);
});

test('a duration is shown in its largest whole unit', () => {
  const shown = [0, 250, 1500, 5000, 90_000, 60_000, 7_200_000].map(formatDuration);
  assert.deepEqual(shown, ['0ms', '250ms', '1500ms', '5s', '90s', '1m', '2h']);
});
