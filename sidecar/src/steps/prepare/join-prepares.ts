import type { DryRun, Prepared } from './prepare.ts';

type Prepare = (request: DryRun, signal: AbortSignal) => Promise<Prepared>;

/** From the one that decides most. */
const ORDER = ['refused', 'fault', 'restart'] as const satisfies readonly Prepared['answer'][];

/** Asks several at the same time, and gathers all findings. Rejects only when the signal aborts. */
export function joinPrepares(all: readonly Prepare[]): Prepare {
  return async (request, signal) => {
    const settled = await Promise.allSettled(all.map((prepare) => prepare(request, signal)));
    signal.throwIfAborted();
    const results = settled.map((each) => {
      if (each.status === 'rejected') throw each.reason;
      return each.value;
    });
    const answers = new Set(results.map(({ answer }) => answer));
    const answer = ORDER.find((each) => answers.has(each)) ?? 'accepted';
    return { answer, findings: results.flatMap(({ findings }) => findings) };
  };
}
