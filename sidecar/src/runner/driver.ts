import { findingFrom } from '@lastgood/core/model/error.ts';
import { defectOf } from '../rollout/internal-error.ts';
import { next } from '../rollout/machine.ts';
import {
  type Effect,
  EMPTY,
  type Event,
  type Move,
  type Plan,
  rolloutOf,
  type State,
  type Work,
} from '../rollout/state.ts';
import { OVER } from './backoff.ts';
import { Journal } from './journal.ts';
import type { Ports } from './ports.ts';
import type { Shelf } from './snapshot-cache.ts';

export interface DriverOptions {
  readonly plan: Plan;
  readonly ports: Ports;
  /** The content of the versions that the state speaks of. */
  readonly shelf: Shelf;
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
  #hurry = new AbortController();
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
  get hurry(): AbortSignal {
    return this.#hurry.signal;
  }

  /** Ends the checks of a content that a newer one has replaced. */
  get check(): AbortSignal {
    return this.#check.signal;
  }

  /** Hands an event to the machine, after those that wait for it. */
  dispatch(event: Event): void {
    if (isLook(event)) this.#supersedeWaiting();
    this.#events.push(event);
    if (!this.#isDraining) this.#track(this.#drain());
  }

  /** Journals the state, then begins what it asks for. Rejects like `Journal.write`. */
  async move([state, effects]: Move): Promise<void> {
    const { observer } = this.#options.ports;
    if (state.seq !== this.#state.seq) {
      this.#phase.abort(OVER);
      this.#phase = new AbortController();
      this.#hurry = new AbortController();
    }
    if (state.checking?.rollout !== this.#state.checking?.rollout) {
      this.#check.abort(OVER);
      this.#check = new AbortController();
    }
    if (state.next !== null) this.#hurry.abort(OVER);
    this.#state = state;
    await this.#journal.write(state);
    observer.changed(state);
    for (const effect of effects) this.#perform(effect);
    this.#forget();
  }

  /** Finishes the work in hand, begins no other, and returns when the journal is written. */
  async stop(): Promise<void> {
    for (const each of [this.#stopped, this.#hurry, this.#phase, this.#check]) each.abort(OVER);
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
    this.#events = this.#events.filter((event) => !isLook(event));
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift())
      try {
        await this.move(next(this.#state, event, this.#options.plan));
      } catch (error) {
        // A defect; but one event that goes wrong must not hold back all that come after it.
        this.#options.ports.observer.trouble(findingFrom(error));
      }
    this.#isDraining = false;
  }

  #perform(effect: Effect): void {
    const { ports, shelf } = this.#options;
    if (effect.type === 'finish')
      ports.observer.finished(effect, this.#state, shelf.find(effect.version));
    else if (!this.#stopped.signal.aborted) this.#track(this.#carryOut(effect));
  }

  /** From here on the journal knows what is being done. */
  async #carryOut(work: Work): Promise<void> {
    const { ports, carryOut } = this.#options;
    const { hold, observer } = ports;
    if (hold !== undefined) await hold(`before ${work.type}`);
    const event = await carryOut(work).catch((error) => {
      const finding = findingFrom(error);
      observer.trouble(finding);
      return defectOf(work, finding);
    });
    if (hold !== undefined) await hold(`after ${work.type}`);
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
    this.#options.shelf.keepOnly([
      ...[desired, published, active, lastGood, checking?.version, queued?.version],
      ...[rolloutOf(this.#state)?.version, ...arriving],
    ]);
  }
}

function isLook({ type }: Event): boolean {
  return type === 'captured' || type === 'uncapturable';
}
