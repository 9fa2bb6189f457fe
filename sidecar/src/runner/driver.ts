import { findingFrom } from '@lastgood/core/model/error.ts';
import { internalErrorEvent } from '../rollout/effect-results.ts';
import { next } from '../rollout/machine.ts';
import {
  type Effect,
  EMPTY,
  type Event,
  type Move,
  type RolloutConfig,
  rolloutOf,
  type State,
  type Work,
} from '../rollout/state.ts';
import { CANCELLED } from './backoff.ts';
import { Journal } from './journal.ts';
import type { Ports } from './ports.ts';
import type { SnapshotCache } from './snapshot-cache.ts';

export interface DriverOptions {
  readonly config: RolloutConfig;
  readonly ports: Ports;
  /** The content of the versions that the state speaks of. */
  readonly cache: SnapshotCache;
  /** What it ends in is the machine's next event; undefined: it was cut off. */
  readonly carryOut: (work: Work) => Promise<Event | undefined>;
}

/**
 * Drives the state machine of one bundle: hands it the events, one at a time, has the state journaled
 * before anything is done about it (P7), and has done what it asks for.
 */
export class Driver {
  readonly #options: DriverOptions;
  readonly #journal: Journal;
  #state: State = EMPTY;
  #events: Event[] = [];
  #isDraining = false;
  #isAbandoned = false;
  readonly #inHand = new Set<Promise<void>>();
  #phase = new AbortController();
  #preempted = new AbortController();
  #check = new AbortController();
  readonly #stopped = new AbortController();

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#journal = new Journal(options.ports, this.#stopped.signal);
  }

  get state(): State {
    return this.#state;
  }

  /** Ends the waits and the probation of a phase that is over. */
  get phase(): AbortSignal {
    return this.#phase.signal;
  }

  /** Ends what a delivery waits for, once a newer version waits for it in turn (P6). */
  get preempted(): AbortSignal {
    return this.#preempted.signal;
  }

  /** Ends the checks of a content that a newer one has replaced. */
  get check(): AbortSignal {
    return this.#check.signal;
  }

  /** Hands an event to the machine, after those that wait for it. */
  dispatch(event: Event): void {
    if (isCapture(event)) this.#supersedeWaiting();
    this.#events.push(event);
    if (!this.#isDraining) this.#track(this.#drain());
  }

  /** Journals the state, then begins what it asks for. Rejects like `Journal.write`. */
  async move([state, effects]: Move): Promise<void> {
    const { observer } = this.#options.ports;
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
    await this.#journal.write(state);
    observer.changed(state);
    for (const effect of effects) this.#perform(effect);
    this.#forget();
  }

  /** Finishes the work in hand, begins no other, and returns when the journal is written. */
  async stop(): Promise<void> {
    for (const each of [this.#stopped, this.#preempted, this.#phase, this.#check])
      each.abort(CANCELLED);
    while (this.#inHand.size > 0) await Promise.all(this.#inHand);
  }

  /** What ends from now on was cut off by us, and says nothing: the next sidecar does it again. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /** A newer look replaces one that the machine has not come to: bursts coalesce to the newest. */
  #supersedeWaiting(): void {
    for (const event of this.#events)
      if (event.type === 'captured')
        this.#perform({ ...event, type: 'finish', outcome: 'superseded', failure: null });
    this.#events = this.#events.filter((event) => !isCapture(event));
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift())
      try {
        await this.move(next(this.#state, event, this.#options.config));
      } catch (error) {
        // A defect; but one event that goes wrong must not hold back all that come after it.
        this.#options.ports.observer.trouble(findingFrom(error));
      }
    this.#isDraining = false;
  }

  #perform(effect: Effect): void {
    const { ports, cache } = this.#options;
    if (effect.type === 'finish')
      ports.observer.finished(effect, this.#state, cache.find(effect.version));
    else if (!this.#stopped.signal.aborted) this.#track(this.#carryOut(effect));
  }

  /** From here on the journal knows what is being done. */
  async #carryOut(work: Work): Promise<void> {
    const { ports, carryOut } = this.#options;
    const { onBoundary, observer } = ports;
    if (onBoundary !== undefined) await onBoundary(`before ${work.type}`);
    const event = await carryOut(work).catch((error) => {
      const finding = findingFrom(error);
      observer.trouble(finding);
      return internalErrorEvent(work, finding);
    });
    if (onBoundary !== undefined) await onBoundary(`after ${work.type}`);
    if (event !== undefined && !this.#isAbandoned) this.dispatch(event);
  }

  #track(work: Promise<void>): void {
    const tracked = work
      // Nothing should come here; if it does it must not be lost.
      .catch((error) => this.#options.ports.observer.trouble(findingFrom(error)))
      .finally(() => this.#inHand.delete(tracked));
    this.#inHand.add(tracked);
  }

  /** Keeps the content of just those versions that may still be published, told or compared. */
  #forget(): void {
    const { desired, checking, next: queued, published, active, lastGood } = this.#state;
    const arriving = this.#events.map((event) =>
      event.type === 'captured' ? event.version : null,
    );
    this.#options.cache.keepOnly([
      ...[desired, published, active, lastGood, checking?.version, queued?.version],
      ...[rolloutOf(this.#state)?.version, ...arriving],
    ]);
  }
}

function isCapture({ type }: Event): boolean {
  return type === 'captured' || type === 'uncapturable';
}
