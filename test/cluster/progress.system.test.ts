import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withProgress } from './progress.ts';

test('a step that lasts is reported again, and no step after its end', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const reported: string[] = [];
  const done = await withProgress(
    (line) => reported.push(line),
    async (report) => {
      report('building the images');
      t.mock.timers.tick(30_000);
      report('starting the node');
      t.mock.timers.tick(14_999);
      return 'done';
    },
  );
  t.mock.timers.tick(60_000);
  assert.equal(done, 'done');
  assert.deepEqual(
    reported.map((line) => line.replace(/\d+ s$/, '… s')),
    ['building the images', 'still building, … s', 'still building, … s', 'starting the node'],
  );
});

test('a step that fails is not reported again', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const reported: string[] = [];
  const failing = withProgress(
    (line) => reported.push(line),
    async (report) => {
      report('fetching');
      throw new Error('offline');
    },
  );
  await assert.rejects(failing, /offline/);
  t.mock.timers.tick(60_000);
  assert.deepEqual(reported, ['fetching']);
});
