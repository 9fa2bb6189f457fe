/** What the tests of this folder share. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { DEADLINE_MS } from '../../../../test/deadline.ts';

/** A clock whose sleeps end when the test ends them. */
export function heldClock() {
  const sleeps = new Map<number, () => void>();
  const sleep: Clock['sleep'] = (ms, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    sleeps.set(ms, resolve);
    signal?.addEventListener('abort', () => reject(signal.reason));
    return promise;
  };
  /** Ends the sleep of this length, as soon as there is one. */
  const end = async (ms: number) => {
    await until(() => sleeps.has(ms));
    sleeps.get(ms)?.();
  };
  return { clock: { ...systemClock, sleep }, end };
}

/** Waits for something that another process does; fails after the deadline. */
export async function until<T>(check: () => T | Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for (;;) {
    const found = await check();
    if (found) return found;
    await setTimeout(5, undefined, { signal });
  }
}

/** The process IDs that a script wrote, one a line, when all of them are there. */
export async function pidsIn(path: string, count: number): Promise<readonly number[]> {
  return until(async () => {
    const lines = (await readFile(path, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    return lines.length === count && lines.map(Number);
  }) as Promise<readonly number[]>;
}

/** A zombie is not alive. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
