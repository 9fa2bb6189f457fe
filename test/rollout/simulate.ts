import { Random } from './random.ts';
import { type Plan, World } from './world.ts';

const STEPS_A_RUN = 120;
/** An app may be absent for a thousand attempts before another version has its turn. */
const STEPS_TO_REST = 30_000;
const RETRIES = { attempts: 3, backoffMs: 1_000, maxMs: 30_000 };

/** Short enough to be reached in a run. */
const TURNS = { maxAbsenceMs: 3_000 };
const ENDLESS = { ...RETRIES, attempts: Infinity };
const BOTH = {
  publishes: true,
  targets: [RETRIES, RETRIES],
  confirms: true,
  onFailure: 'rollback',
  ...TURNS,
} as const;

const PLANS: readonly Plan[] = [
  { ...BOTH, targets: [RETRIES] },
  { ...BOTH, targets: [RETRIES], confirms: false },
  BOTH,
  { ...BOTH, quarantineAfter: 2 },
  { ...BOTH, targets: [], confirms: false },
  { ...BOTH, targets: [RETRIES], onFailure: 'hold' },
  { publishes: false, targets: [RETRIES], confirms: true, onFailure: 'rollback' },
  { publishes: false, targets: [ENDLESS], confirms: false, onFailure: 'rollback' },
  { ...BOTH, compares: true },
  { ...BOTH, tellsAtStart: true },
  { ...BOTH, targets: [ENDLESS], compares: true, tellsAtStart: true },
  { ...BOTH, targets: [], compares: true },
  { ...BOTH, publishes: false, tellsAtStart: true, compares: true },
  { ...BOTH, subscribers: 1 },
  { ...BOTH, targets: [RETRIES], subscribers: 0, confirms: false },
  { ...BOTH, subscribers: 0, conditionalTargets: [1] },
  {
    ...BOTH,
    targets: [RETRIES, RETRIES, RETRIES],
    subscribers: 1,
    conditionalTargets: [2],
    tellsAtStart: true,
    compares: true,
  },
  { ...BOTH, targets: [ENDLESS, RETRIES], subscribers: 0, onFailure: 'hold' },
  { ...BOTH, subscribers: 1, compares: true, quarantineAfter: 2 },
  { publishes: false, targets: [RETRIES], subscribers: 0, confirms: true, onFailure: 'rollback' },
];

/**
 * Runs one pod through random events, checking the promises after each, and then to rest. Throws
 * with the seed and the last events when one is broken.
 */
export function simulate(seed: number): World {
  const random = new Random(seed);
  const world = new World(random.pick(PLANS), random);
  try {
    for (let step = 0; step < STEPS_A_RUN; step++) world.step();
    world.isCalm = true;
    world.capture();
    for (let step = 0; step < STEPS_TO_REST && world.pending.length > 0; step++) world.step();
    world.checkRest();
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`LASTGOOD_SEED=${seed}: ${message}\n${world.trace}`, { cause: thrown });
  }
  return world;
}
