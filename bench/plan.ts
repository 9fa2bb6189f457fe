/** How much is measured. */
export interface Plan {
  readonly name: 'full' | 'quick';
  readonly latency: {
    readonly rounds: number;
    /** Swaps of one contender in one round. */
    readonly swaps: number;
    /** Swaps for the shell loop, each of which takes one of its periods. */
    readonly shellSwaps: number;
    /** Swaps of each contender that come after a long rest. */
    readonly rests: number;
  };
  readonly ready: { readonly starts: number };
  /** Starts with each memory limit, from a disk whose files are not in memory. */
  readonly cold: { readonly starts: number };
  readonly memory: {
    /** The numbers of rollouts after which the bench measures: cold, warm, … and at the end. */
    readonly marks: readonly number[];
  };
  /** Longer than the 10 s after which lastgood gives memory back. */
  readonly restMs: number;
  /** How often a file is checked in each way: one of 1 MiB, and one of 10 KB. */
  readonly checks: { readonly large: number; readonly typical: number };
  /** Rounds and swaps of one contender in each; swaps of the burst; outages of the endpoint. */
  readonly reloaders: {
    readonly rounds: number;
    readonly swaps: number;
    readonly burst: number;
    readonly outages: number;
  };
  readonly burst: { readonly swaps: number; readonly gapMs: number };
  /** Beside an earlier build: rounds of swaps, starts, and rollouts before it measures memory. */
  readonly before: {
    readonly rounds: number;
    readonly starts: number;
    readonly rollouts: number;
  };
}

export const FULL: Plan = {
  name: 'full',
  latency: { rounds: 24, swaps: 25, shellSwaps: 6, rests: 4 },
  ready: { starts: 12 },
  cold: { starts: 5 },
  memory: { marks: [1, 200, 500, 1_000, 1_500, 2_000] },
  restMs: 12_000,
  checks: { large: 25, typical: 1_000 },
  reloaders: { rounds: 24, swaps: 25, burst: 500, outages: 4 },
  burst: { swaps: 1_000, gapMs: 2 },
  before: { rounds: 24, starts: 20, rollouts: 500 },
};

export const QUICK: Plan = {
  name: 'quick',
  latency: { rounds: 4, swaps: 15, shellSwaps: 1, rests: 1 },
  ready: { starts: 3 },
  cold: { starts: 1 },
  memory: { marks: [1, 200] },
  restMs: 12_000,
  checks: { large: 5, typical: 200 },
  reloaders: { rounds: 3, swaps: 15, burst: 100, outages: 1 },
  burst: { swaps: 250, gapMs: 2 },
  before: { rounds: 6, starts: 5, rollouts: 100 },
};
