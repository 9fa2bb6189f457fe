import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import type { Answer } from '../../rollout/state.ts';

/** What a target answered, and why if it was not a yes. */
export interface Delivery {
  readonly answer: Answer;
  readonly findings: readonly Finding[];
  /** The HTTP status of the answer, where there was one. */
  readonly status?: number;
  /** The app has asked not to be tried again sooner (`Retry-After`). */
  readonly retryAfterMs?: number;
  /** A fault after which no time is left for another try. */
  readonly final?: true;
}

/** Whoever is told of a new snapshot. One try a call; retries are the rollout's business. */
export interface Target {
  /** A key of `targets` in the settings; with its place there it is the label of the metrics. */
  readonly kind: 'webhook' | 'signal' | 'restart' | 'exec' | 'socket';
  /** Shown in logs and findings; holds no credential (P8). */
  readonly name: string;
  /**
   * Never rejects. `preempted` aborts when a newer version waits (P6): what the app has begun is seen
   * through, but nothing is waited for any more.
   */
  deliver(event: ReloadEvent, hurry: AbortSignal): Promise<Delivery>;
  /**
   * After the answer `absent`: resolves as soon as somebody seems to be there, so that the next try
   * need not wait for its turn. Tells the app nothing. Rejects with the signal's reason.
   */
  waitUntilReachable?(signal: AbortSignal): Promise<void>;
}
