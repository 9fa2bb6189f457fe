/** What the tests of this folder share. */
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { AtomicWriter } from '../../../test/kubelet/atomic-writer.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import { formatFinding } from '../model/finding.ts';
import { type ChangeReason, HANG_MS, type SourceOptions, watchVolumes } from './source.ts';

/** The source gives up on a watch after a second; a loaded machine may take longer to set it. */
export const patientClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms === HANG_MS ? DEADLINE_MS : ms, signal),
};

/** A clock on which a test ends the sleeps of these lengths; all others take their time. */
export function clockHolding(...lengthsMs: number[]) {
  const held = new Map<() => void, number>();
  const sleep: Clock['sleep'] = (ms, signal) => {
    if (!lengthsMs.includes(ms)) return patientClock.sleep(ms, signal);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    held.set(resolve, ms);
    signal?.addEventListener('abort', () => {
      held.delete(resolve);
      reject(signal.reason);
    });
    return promise;
  };
  /** Ends the sleep of this length, as soon as there is one. */
  const end = async (lengthMs: number) => {
    const find = () => [...held].find(([, ms]) => ms === lengthMs)?.[0];
    while (find() === undefined) await nextTurn();
    const resolve = find() ?? (() => {});
    held.delete(resolve);
    resolve();
  };
  return { clock: { ...patientClock, sleep }, end };
}

/** A clock on which no wait begins while a test does something. */
export function gatedClock() {
  let gate: Promise<void> | undefined;
  const sleep: Clock['sleep'] = async (ms, signal) => {
    await gate;
    await patientClock.sleep(ms, signal);
  };
  /** Closes the gate until `work` is done. */
  const hold = async <T>(work: () => Promise<T>): Promise<T> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    const result = await work();
    gate = undefined;
    resolve();
    return result;
  };
  return { clock: { ...patientClock, sleep }, hold };
}

/** A source whose calls of `onChange` a test can wait for. The re-check is off by default. */
export async function watching(
  t: TestContext,
  paths: string[],
  options: Partial<SourceOptions> = {},
) {
  const reasons: ChangeReason[] = [];
  const calledAtMs: number[] = [];
  const troubles: string[] = [];
  const restored: string[] = [];
  const warnings: string[] = [];
  let wake = () => {};
  const source = watchVolumes({
    settleMs: 0,
    recheckMs: 3_600_000,
    clock: patientClock,
    onChange: (why) => {
      reasons.push(why);
      calledAtMs.push(performance.now());
      wake();
    },
    onProblem: (finding) => {
      troubles.push(formatFinding(finding));
      wake();
    },
    onRestored: (path) => {
      restored.push(path);
      wake();
    },
    onWarning: (finding) => warnings.push(formatFinding(finding)),
    volumes: volumesAt(...paths),
    ...options,
  });
  t.after(() => source.close());
  const until = async (isSo: () => boolean, what: string) => {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    while (!isSo()) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      wake = resolve;
      deadline.onabort = () => reject(new Error(`no ${what}; reasons: ${reasons}; ${troubles}`));
      await promise;
    }
  };
  /** Waits for a call with this reason after this one; if `act` is given, after its start. */
  const waitFor = async (why: ChangeReason, act: () => unknown = () => {}) => {
    const before = reasons.filter((each) => each === why).length;
    await act();
    await until(() => reasons.filter((each) => each === why).length > before, `change: ${why}`);
  };
  /** Swaps until that is reported as a swap: while a watch is being replaced, it is a change. */
  const waitForSwap = async (path: string) => {
    const before = reasons.length;
    while (!reasons.slice(before).includes('swap')) {
      const count = reasons.length;
      await swap(path);
      await until(() => reasons.length > count, 'change after a swap');
    }
  };
  await source.ready;
  await until(() => reasons.includes('start'), 'change: start');
  return { source, reasons, calledAtMs, troubles, restored, warnings, waitFor, until, waitForSwap };
}

/** Volumes of which everything counts. */
export function volumesAt(...paths: string[]) {
  return paths.map((path) => ({ path, include: ['**'], exclude: [] }));
}

let generation = 0;
/** One update of a volume by the kubelet, with new content. */
export function swap(path: string): Promise<boolean> {
  generation += 1;
  return new AtomicWriter(path).write({ 'config.yaml': { bytes: String(generation) } });
}
