import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { parseStat, TICKS_PER_SECOND } from './proc-stat.ts';

/** Clock ticks, `/proc/uptime` and the times of file systems are each up to 10 ms old. */
const RESOLUTION_MS = 30;

/** How long the program may have taken to load, if the system does not say when the process began. */
const UNKNOWN_LOAD_MS = 10_000;

/** A larger difference between the wall clock and the monotonic one is a step of the wall clock. */
const CLOCK_STEP_MS = 100;

/** What the clocks of a process say, all in milliseconds. */
export interface ProcessClocks {
  /** Age of the process by the kernel's clock; undefined if unknown. */
  readonly ageMs: number | undefined;
  /** Time since Node began to run, by the monotonic clock. */
  readonly runningMs: number;
  /** The wall clock when Node began to run. */
  readonly runningSinceWallMs: number;
  /** The wall clock now. */
  readonly wallMs: number;
}

/**
 * The earliest wall-clock time at which this process can have started; in a container without a
 * wrapper, that is the start of the container. On a slow node Node itself begins to run seconds later.
 */
export async function readEarliestStart(): Promise<number> {
  const ageMs = await readAge().catch(() => undefined);
  const { timeOrigin: runningSinceWallMs } = performance;
  const runningMs = performance.now();
  return earliestStart({ ageMs, runningMs, runningSinceWallMs, wallMs: Date.now() });
}

/** As {@link readEarliestStart}. After a step of the wall clock, the earlier one of the two results. */
export function earliestStart(clocks: ProcessClocks): number {
  const { runningMs, runningSinceWallMs, wallMs } = clocks;
  const age = clocks.ageMs ?? 0;
  // A sandbox may count the time since the boot differently in `/proc/uptime` and `/proc/self/stat`.
  const isKnown = clocks.ageMs !== undefined && age >= runningMs - RESOLUTION_MS;
  const ageMs = isKnown ? age : runningMs + UNKNOWN_LOAD_MS;
  const byNow = wallMs - ageMs;
  const byThen = runningSinceWallMs + runningMs - ageMs;
  const isStepped = Math.abs(byNow - byThen) > CLOCK_STEP_MS;
  return (isStepped ? Math.min(byNow, byThen) : byNow) - RESOLUTION_MS;
}

async function readAge(): Promise<number | undefined> {
  const ticks = parseStat(await readFile('/proc/self/stat', 'utf8'))?.startTicks;
  if (ticks === undefined || ticks === 0) return undefined;
  return (uptime() - ticks / TICKS_PER_SECOND) * 1_000;
}
