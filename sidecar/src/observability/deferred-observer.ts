import { findingFrom } from '@lastgood/core/model/error.ts';
import type { Observer } from '../runner/ports.ts';

/** An observer that is told a moment later. */
export interface DeferredObserver extends Observer {
  /** Tells what has not been told yet. */
  flush(): void;
}

/**
 * Tells an observer at the end of the turn of the event loop what happened in it, in order: metrics,
 * log lines and the status take as long as everything that stands between a swap and the request to
 * the app, and need not stand there as well.
 */
export function deferObserver(observer: Observer): DeferredObserver {
  let waiting: (() => void)[] = [];
  const flush = () => {
    const now = waiting;
    waiting = [];
    for (const tell of now)
      try {
        tell();
      } catch (error) {
        // A defect; out here it would end the sidecar, and take all that is still to be told with it.
        observer.trouble(findingFrom(error));
      }
  };
  const later = (tell: () => void) => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push(tell);
  };
  return {
    step: (report) => later(() => observer.step(report)),
    waiting: (report) => later(() => observer.waiting(report)),
    finished: (end, state, snapshot) => later(() => observer.finished(end, state, snapshot)),
    changed: (state) => later(() => observer.changed(state)),
    blocked: (finding, state) => later(() => observer.blocked(finding, state)),
    trouble: (finding) => later(() => observer.trouble(finding)),
    flush,
  };
}
