/** What the tests of this folder share. */
import type { TestContext } from 'node:test';
import { AtomicWriter } from '../../../test/kubelet/atomic-writer.ts';
import { systemClock } from '../model/clock.ts';
import { formatFinding } from '../model/finding.ts';
import { type ChangeReason, type SourceOptions, watchVolumes } from './source.ts';

/** What is waited for comes in milliseconds; a machine under load may take longer. */
export const BOUND_MS = 30_000;

/** A source whose looks can be waited for. The re-check is off unless a test asks for it. */
export async function watching(
  t: TestContext,
  paths: string[],
  options: Partial<SourceOptions> = {},
) {
  const looks: ChangeReason[] = [];
  const troubles: string[] = [];
  const restored: string[] = [];
  const warnings: string[] = [];
  let wake = () => {};
  const source = watchVolumes({
    settleMs: 0,
    recheckMs: 3_600_000,
    clock: systemClock,
    onChange: (why) => {
      looks.push(why);
      wake();
    },
    onTrouble: (finding) => {
      troubles.push(formatFinding(finding));
      wake();
    },
    onRestored: (path) => {
      restored.push(path);
      wake();
    },
    onWarning: (finding) => warnings.push(formatFinding(finding)),
    ...options,
    paths,
  });
  t.after(() => source.close());
  const until = async (isSo: () => boolean, what: string) => {
    const deadline = AbortSignal.timeout(BOUND_MS);
    while (!isSo()) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      wake = resolve;
      deadline.onabort = () => reject(new Error(`no ${what}; looks: ${looks}; ${troubles}`));
      await promise;
    }
  };
  /** Waits for a look that comes after this call; if `act` is given, after it has begun. */
  const look = async (why: ChangeReason, act: () => unknown = () => {}) => {
    const before = looks.filter((each) => each === why).length;
    await act();
    await until(() => looks.filter((each) => each === why).length > before, `look: ${why}`);
  };
  /** Swaps until that is told as a swap: while a watch is set anew, it is told as a change. */
  const swapTold = async (path: string) => {
    const before = looks.length;
    while (!looks.slice(before).includes('swap')) {
      const count = looks.length;
      await swap(path);
      await until(() => looks.length > count, 'look after a swap');
    }
  };
  await source.ready;
  await until(() => looks.includes('start'), 'look: start');
  return { source, looks, troubles, restored, warnings, look, until, swapTold };
}

let generation = 0;
/** One update of a volume by the kubelet, with content that never was there before. */
export function swap(path: string): Promise<boolean> {
  generation += 1;
  return new AtomicWriter(path).write({ 'config.yaml': { bytes: String(generation) } });
}
