import { setTimeout as sleep } from 'node:timers/promises';
import { startShellLoop } from '../contender.ts';
import type { Workbench } from '../workbench.ts';

const PERIOD_MS = 10_000;
const DEADLINE_MS = 2 * PERIOD_MS;

export interface ShellResult {
  readonly name: string;
  readonly tookMs: readonly number[];
  readonly lost: number;
}

/** From a swap to the request of the shell loop, at moments spread evenly over its period. */
export async function measureShellLoop(bench: Workbench): Promise<ShellResult> {
  const { shellSwaps } = bench.plan.latency;
  const { name, volume, endpoint, child } = await startShellLoop(bench);
  const tookMs: number[] = [];
  for (let count = 0; count < shellSwaps; count += 1) {
    // The request before was sent at a look of the loop, so the next look is one period later.
    await sleep(((count + 0.5) / shellSwaps) * PERIOD_MS);
    const swap = await volume.swap();
    const sighting = await endpoint.sighting(swap.generation, DEADLINE_MS);
    if (sighting !== undefined) tookMs.push(sighting.atMs - swap.atMs);
  }
  await child.stop();
  const lost = shellSwaps - tookMs.length;
  if (lost > 0) bench.problems.push(`${name}: ${lost} swaps without a request`);
  return { name, tookMs, lost };
}
