import { findingFrom } from '@lastgood/core/model/error.ts';
import { CANCELLED } from '@lastgood/core/model/retry-wait.ts';
import { internalErrorEvent } from '../rollout/effect-results.ts';
import type { Effect, Event, Move, Work } from '../rollout/events.ts';
import { next } from '../rollout/machine.ts';
import { EMPTY, type RolloutConfig, rolloutOf, type State } from '../rollout/state.ts';
import { noteDegradedSince } from './degraded-since.ts';
import type { Effects } from './effects.ts';
import { createJournal } from './journal.ts';
import type { Ports } from './ports.ts';
import type { SnapshotCache } from './snapshot-cache.ts';

/**
 * Drives the state machine of one bundle: hands it the events, one at a time, journals each state
 * before anything acts on it (P7), and has the effects performed.
 */
export class Driver {
  readonly #config: RolloutConfig;
  readonly #ports: Ports;
  readonly #cache: SnapshotCache;
  readonly #effects: Effects;
  readonly #writeJournal: ReturnType<typeof createJournal>;
  #state: State = EMPTY;
  #events: Event[] = [];
  #isDraining = false;
  #isAbandoned = false;
  readonly #running = new Set<Promise<void>>();
  #phase = new AbortController();
  #preempted = new AbortController();
  #check = new AbortController();
  readonly #stopped = new AbortController();

  /** `cache` holds the content of the versions in the state. */
  constructor(config: RolloutConfig, ports: Ports, cache: SnapshotCache, effects: Effects) {
    this.#config = config;
    this.#ports = ports;
    this.#cache = cache;
    this.#effects = effects;
    this.#writeJournal = createJournal(ports, this.#stopped.signal);
  }

  get state(): State {
    return this.#state;
  }

  /** Hands an event to the machine, after those that already wait. */
  dispatch(event: Event): void {
    if (isCapture(event)) this.#supersedeWaiting();
    this.#events.push(event);
    if (!this.#isDraining) this.#track(this.#drain());
  }

  /** Journals the state, then starts its effects. Rejects like the journal. */
  async move([moved, effects]: Move): Promise<void> {
    const { observer, clock, onState } = this.#ports;
    const state = noteDegradedSince(moved, this.#config, clock.wallMs());
    if (state.generation !== this.#state.generation) {
      this.#phase.abort(CANCELLED);
      this.#phase = new AbortController();
      this.#preempted = new AbortController();
    }
    if (state.checking?.rollout !== this.#state.checking?.rollout) {
      this.#check.abort(CANCELLED);
      this.#check = new AbortController();
    }
    if (state.next !== null) this.#preempted.abort(CANCELLED);
    this.#state = state;
    await this.#writeJournal(state);
    onState?.(state);
    observer.changed(state);
    for (const effect of effects) this.#start(effect);
    this.#forget();
  }

  /** Finishes the running effects, starts no other, and returns when the journal is written. */
  async stop(): Promise<void> {
    for (const each of [this.#stopped, this.#preempted, this.#phase, this.#check])
      each.abort(CANCELLED);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Ignores the results of the effects still running: the next sidecar repeats them. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /** A newer capture replaces one that the machine has not seen yet: bursts coalesce to the newest. */
  #supersedeWaiting(): void {
    for (const event of this.#events)
      if (event.type === 'captured')
        this.#start({ ...event, type: 'finish', outcome: 'superseded', failure: null });
    this.#events = this.#events.filter((event) => !isCapture(event));
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift())
      try {
        await this.move(next(this.#state, event, this.#config));
      } catch (error) {
        // A defect; but one event that fails must not hold back the ones after it.
        this.#ports.observer.problem(findingFrom(error));
      }
    this.#isDraining = false;
  }

  #start(effect: Effect): void {
    if (effect.type === 'finish')
      this.#ports.observer.finished(effect, this.#state, this.#cache.find(effect.version));
    else if (!this.#stopped.signal.aborted) this.#track(this.#perform(effect));
  }

  async #perform(work: Work): Promise<void> {
    const { onBoundary, observer } = this.#ports;
    if (onBoundary !== undefined) await onBoundary(`before ${work.type}`);
    const signals = {
      phase: this.#phase.signal,
      preempted: this.#preempted.signal,
      check: this.#check.signal,
    };
    const context = { state: () => this.#state, signals };
    const event = await this.#effects.perform(work, context).catch((error) => {
      const finding = findingFrom(error);
      observer.problem(finding);
      return internalErrorEvent(work, finding);
    });
    if (onBoundary !== undefined) await onBoundary(`after ${work.type}`);
    if (event !== undefined && !this.#isAbandoned) this.dispatch(event);
  }

  #track(work: Promise<void>): void {
    const tracked = work
      // Nothing should throw here; if it does, the error must not be lost.
      .catch((error) => this.#ports.observer.problem(findingFrom(error)))
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /** Keeps the content of only those versions that may still be published, delivered or compared. */
  #forget(): void {
    const { desired, checking, next: queued, published, active, lastGood } = this.#state;
    const arriving = this.#events.map((event) =>
      event.type === 'captured' ? event.version : null,
    );
    this.#cache.keepOnly([
      ...[desired, published, active, lastGood, checking?.version, queued?.version],
      ...[rolloutOf(this.#state)?.version, ...arriving],
    ]);
  }
}

function isCapture({ type }: Event): boolean {
  return type === 'captured' || type === 'uncapturable';
}
