import type { Prepared, Unsubscribe } from '../config.ts';
import type { Participant, ResourceHost } from './host.ts';

interface Rollout<T> {
  readonly value: T;
  readonly controller: AbortController;
  readonly outcome: PromiseWithResolvers<void>;
  readonly prepared: (Prepared | undefined)[];
  isPrepared: boolean;
}

/** A view with one value, which does with its resources what the client does. */
export class TestHost<T> implements ResourceHost<T> {
  current: T;
  readonly participants = new Set<Participant<T>>();
  readonly errors: unknown[] = [];
  readonly faults: unknown[] = [];
  #rollout: Rollout<T> | undefined;

  constructor(value: T) {
    this.current = value;
  }

  pending(): Promise<void> | undefined {
    return this.#rollout?.outcome.promise;
  }

  join(participant: Participant<T>): Unsubscribe {
    this.participants.add(participant);
    return () => this.participants.delete(participant);
  }

  report(error: unknown): void {
    this.errors.push(error);
  }

  setFault(thrown: unknown): void {
    this.faults.push(thrown instanceof Error ? thrown.message : thrown);
  }

  /** Rejects with the veto, or when the version is given up. */
  async prepare(value: T): Promise<void> {
    this.abort();
    const controller = new AbortController();
    const { signal } = controller;
    const outcome = Promise.withResolvers<void>();
    const rollout: Rollout<T> = { value, controller, outcome, prepared: [], isPrepared: false };
    this.#rollout = rollout;
    try {
      for (const participant of this.participants) {
        const prepared = await participant.prepare(value, signal);
        rollout.prepared.push(prepared);
        if (signal.aborted) prepared?.abort?.();
        signal.throwIfAborted();
      }
      rollout.isPrepared = true;
    } catch (error) {
      if (this.#rollout === rollout) this.abort();
      throw error;
    }
  }

  /** Whether a version was prepared. */
  commit(): boolean {
    const rollout = this.#rollout;
    if (!rollout?.isPrepared) return false;
    this.#rollout = undefined;
    this.current = rollout.value;
    for (const prepared of rollout.prepared) prepared?.commit?.();
    rollout.outcome.resolve();
    return true;
  }

  abort(): void {
    const rollout = this.#rollout;
    if (rollout === undefined) return;
    this.#rollout = undefined;
    rollout.controller.abort(new Error('given up'));
    for (const prepared of rollout.prepared) prepared?.abort?.();
    rollout.outcome.resolve();
  }

  /** Prepares and commits. */
  async change(value: T): Promise<void> {
    await this.prepare(value);
    this.commit();
  }

  async close(reason: Error = new Error('closed')): Promise<void> {
    this.abort();
    await Promise.all([...this.participants].map((one) => one.close(reason)));
  }
}
