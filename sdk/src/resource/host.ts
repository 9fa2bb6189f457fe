import type { Prepared, Unsubscribe } from '../config.ts';

/** The part of a resource in the rollouts of its view. */
export interface Participant<T> {
  /**
   * Called after the hooks of the view. Rejects to veto the version, and as soon as `signal` aborts; it may
   * be called again at once after that. The signal also aborts when the bundle is closed.
   */
  prepare(next: T, signal: AbortSignal): Promise<Prepared | undefined>;
  /**
   * Lets its users finish, up to the deadline, and closes what is open. Later users get `reason`. Never
   * rejects, and has an end even if the app's `close` does not.
   */
  close(reason: Error): Promise<void>;
}

/** The view, as a resource sees it. The client implements it. */
export interface ResourceHost<T> {
  /** The active value, also inside a `run`. */
  readonly current: T;
  /** Takes part in each rollout that starts from now on, if not in one in progress, and in closing. */
  join(participant: Participant<T>): Unsubscribe;
  /** Resolves, never rejects, once the version in progress is committed or aborted. Undefined: there is none. */
  pending(): Promise<void> | undefined;
  /** A function of the app threw, or never returned. Harmless. */
  report(error: unknown): void;
  /** Why users wait: the last good one cannot be opened again, and this is what `open` threw. `undefined`: it is open. */
  setFault(thrown: unknown): void;
}
