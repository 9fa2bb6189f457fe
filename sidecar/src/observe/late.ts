import type { Observer } from '../ports.ts';

/** An observer that is told a moment later. */
export interface LateObserver extends Observer {
  /** Tells what has not been told yet. */
  flush(): void;
}

/**
 * Tells an observer at the end of the turn of the event loop what happened in it, in order: metrics,
 * log lines and the status take as long as everything that stands between a swap and the request to
 * the app, and need not stand there as well.
 */
export function late(observer: Observer): LateObserver {
  let waiting: (() => void)[] = [];
  const flush = () => {
    const now = waiting;
    waiting = [];
    for (const tell of now) tell();
  };
  const later = (tell: () => void) => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push(tell);
  };
  return {
    step: (report) => later(() => observer.step(report)),
    finished: (end, state, snapshot) => later(() => observer.finished(end, state, snapshot)),
    changed: (state) => later(() => observer.changed(state)),
    blocked: (finding, state) => later(() => observer.blocked(finding, state)),
    trouble: (finding) => later(() => observer.trouble(finding)),
    flush,
  };
}
