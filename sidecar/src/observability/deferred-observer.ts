import { findingFrom } from '@lastgood/core/model/error.ts';
import type { Observer } from '../runner/ports.ts';

export interface DeferredObserver extends Observer {
  /** Makes all pending calls. */
  flush(): void;
}

/**
 * Calls an observer at the end of the turn of the event loop, in order: metrics, log lines and the
 * status take as long as everything else between a swap and the request to the app, so they wait.
 */
export function deferObserver(observer: Observer): DeferredObserver {
  let pending: (() => void)[] = [];
  const flush = () => {
    const calls = pending;
    pending = [];
    for (const call of calls)
      try {
        call();
      } catch (error) {
        // A defect; here it would end the sidecar and lose the remaining calls.
        observer.problem(findingFrom(error));
      }
  };
  const later = (call: () => void) => {
    if (pending.length === 0) setImmediate(flush);
    pending.push(call);
  };
  return {
    step: (report) => later(() => observer.step(report)),
    waiting: (report) => later(() => observer.waiting(report)),
    finished: (end, state, snapshot) => later(() => observer.finished(end, state, snapshot)),
    changed: (state) => later(() => observer.changed(state)),
    blocked: (finding, state) => later(() => observer.blocked(finding, state)),
    problem: (finding) => later(() => observer.problem(finding)),
    flush,
  };
}
