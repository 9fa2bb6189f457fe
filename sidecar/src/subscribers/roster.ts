import type { Clock } from '@lastgood/core/model/clock.ts';
import { Subscriber } from './subscriber.ts';
import type { Connection, SubscribeRequest } from './subscription.ts';

/** Of one bundle. */
const MAX_SUBSCRIBERS = 500;

/** A process that has disconnected may be back within this. */
const LOST_MS = 5_000;

/** A process that has just got its first version takes part if it runs on it within this. */
const STARTING_MS = 5_000;

const MAX_NAME_LENGTH = 100;

export interface RosterOptions {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly prepareTimeoutMs: number;
}

/** The subscribers of a bundle, and the means to wait until something about them has changed. */
export class Roster {
  readonly #options: RosterOptions;
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #closed = new AbortController();
  /** Answers often come in numbers: all of them lead to one look. */
  #wakeWaiting: NodeJS.Immediate | undefined;
  #changed = Promise.withResolvers<void>();
  /** Called on every change, of all or of one; before those that wait for one. */
  onChange = (_?: Subscriber): void => {};
  onRemoved = (_: Subscriber): void => {};

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  /** In the order in which they came. */
  get all(): readonly Subscriber[] {
    return [...this.#subscribers.values()];
  }

  get size(): number {
    return this.#subscribers.size;
  }

  /** Those that run on a version. */
  get counted(): readonly Subscriber[] {
    return this.all.filter(({ counts }) => counts);
  }

  find(id: string): Subscriber | undefined {
    return this.#subscribers.get(id);
  }

  /** Undefined: there are too many. */
  add(request: SubscribeRequest, connection: Connection): Subscriber | undefined {
    const { clock, newId, prepareTimeoutMs } = this.#options;
    const { resume, version: runs, name } = request;
    const known = resume === undefined ? undefined : this.find(resume);
    if (known !== undefined) {
      known.resume(connection, runs, prepareTimeoutMs);
      this.wake();
      return known;
    }
    if (this.#subscribers.size >= MAX_SUBSCRIBERS) return undefined;
    const shown = name === undefined || name === '' ? undefined : name.slice(0, MAX_NAME_LENGTH);
    const identity = { id: newId(), name: shown, runs };
    const subscriber = new Subscriber(identity, connection, () => clock.nowMs());
    this.#subscribers.set(subscriber.id, subscriber);
    this.wake();
    return subscriber;
  }

  /** It has ended on purpose, or is known to have ended. */
  remove(subscriber: Subscriber): void {
    if (!this.#isHere(subscriber)) return;
    this.#subscribers.delete(subscriber.id);
    subscriber.close();
    this.onRemoved(subscriber);
    this.wake();
  }

  /** It is lost unless it comes back in time. */
  async disconnected(subscriber: Subscriber, connection: Connection): Promise<void> {
    const back = subscriber.disconnected(connection);
    if (back === undefined) return;
    this.wake();
    const signal = AbortSignal.any([back, this.#closed.signal]);
    const isLost = await this.#options.clock.sleep(LOST_MS, signal).then(
      () => true,
      () => false,
    );
    if (!isLost || !this.#isHere(subscriber)) return;
    noteLost(subscriber);
    this.remove(subscriber);
  }

  close(): void {
    this.#closed.abort();
  }

  /** Something has changed; with a subscriber, about it alone. */
  wake(subscriber?: Subscriber): void {
    this.onChange(subscriber);
    this.#wakeWaiting ??= setImmediate(() => {
      const { resolve } = this.#changed;
      this.#changed = Promise.withResolvers();
      this.#wakeWaiting = undefined;
      resolve();
    });
  }

  /** Resolves at the next change, at the end of the time, or when the signal aborts. */
  async changes(ms: number, signal?: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const timer = signal === undefined ? ended.signal : AbortSignal.any([ended.signal, signal]);
    const timeout = ms === Infinity ? aborted(timer) : this.#options.clock.sleep(ms, timer);
    await Promise.race([this.#changed.promise, timeout.catch(() => {})]);
    // With a reason: without one, Node.js makes an error with a stack each time.
    ended.abort('over');
  }

  /** Resolves once no process starts any more, at the end of the time, or when the signal aborts. */
  async untilStarted(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    // Processes that crash and start again, one after the other, must not make it longer.
    const untilMs = clock.nowMs() + STARTING_MS;
    while (!signal.aborted) {
      const left = this.all.flatMap(({ phase, isConnected }) =>
        phase.name === 'starting' && isConnected
          ? [Math.min(phase.sinceMs + STARTING_MS, untilMs) - clock.nowMs()]
          : [],
      );
      const waitMs = Math.max(...left);
      if (waitMs <= 0) return;
      await this.changes(waitMs, signal);
    }
  }

  #isHere(subscriber: Subscriber): boolean {
    return this.find(subscriber.id) === subscriber;
  }
}

/** One that needs a restart should end, and one that has nothing to answer is free to. */
function noteLost(subscriber: Subscriber): void {
  const { phase } = subscriber;
  if (!('round' in phase) || phase.answer?.verdict === 'restart') return;
  phase.round.lost.push(subscriber);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
