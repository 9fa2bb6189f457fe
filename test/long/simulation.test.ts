import { test } from 'node:test';
import { simulate } from '../rollout/simulate.ts';

const RUNS = 150_000;

test(`P2–P7 hold over ${RUNS} seeds`, (context) => {
  const first = Math.floor(Math.random() * 1e9);
  context.diagnostic(`seeds ${first} to ${first + RUNS - 1}`);
  for (let seed = first; seed < first + RUNS; seed++) simulate(seed);
});
