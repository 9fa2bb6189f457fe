import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUTCOMES } from '../../sidecar/src/rollout/outcome.ts';
import { simulate } from './simulate.ts';

/**
 * Random orders of events against the pure state machine: changes, captures, answers, faults,
 * restarts of the app, kills of the sidecar. `LASTGOOD_SEED=n` runs one seed again, and
 * `LASTGOOD_RUNS=n` tries more of them.
 */
const RUNS = Number(process.env.LASTGOOD_RUNS ?? 4_000);

test('P2–P7 hold in every order of events, from a printed seed', (context) => {
  const only = process.env.LASTGOOD_SEED;
  const first = only === undefined ? Math.floor(Math.random() * 1e9) : Number(only);
  const runs = only === undefined ? RUNS : 1;
  context.diagnostic(`seeds ${first} to ${first + runs - 1}`);
  const seen = new Set<string>();
  for (let seed = first; seed < first + runs; seed++)
    for (const outcome of simulate(seed).outcomes.values()) seen.add(outcome);
  if (only === undefined) assert.deepEqual([...seen].sort(), [...OUTCOMES].sort());
});
