import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measure, type Outcomes } from './measure.ts';
import { UNUSUAL_SERVERS } from './unusual-servers.ts';
import { recordedVerdicts, recordVerdicts } from './verdicts.ts';

const RECORDED = process.argv.includes('--write') ? undefined : recordedVerdicts();
const measured: Record<string, Outcomes> = {};

test('unusual answers get the recorded outcomes', { concurrency: 4 }, async (t) => {
  await Promise.all(
    UNUSUAL_SERVERS.map((server) =>
      t.test(server.title, async (t) => {
        const outcomes = await measure(t, server);
        measured[server.title] = outcomes;
        if (RECORDED === undefined) return;
        const { go, ...recorded } = RECORDED[server.title] ?? { go: 0 };
        assert.deepEqual(outcomes, recorded);
      }),
    ),
  );
  if (RECORDED === undefined) recordVerdicts(measured);
});

test('an answer that counts for Go counts for lastgood', () => {
  for (const [title, { go, accepted, refused }] of Object.entries(recordedVerdicts())) {
    if (go === 0) continue;
    assert.equal(accepted, go < 300 ? 'accepted' : `fault: status ${go}`, title);
    // 204, 302 and 304 are the same whatever the app wants to say.
    if (go === 200) assert.match(refused, /^refused/, title);
  }
});
