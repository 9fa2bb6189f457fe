import { ConfigError } from '../config-error.ts';
import type { ResourceOptions } from '../config-resource.ts';
import { settlesWithin } from '../timer.ts';
import { Slot } from './slot.ts';

const DRAIN_MS = 30_000;
const WAIT_MS = 60_000;
/** How often the process is kept awake for `end`. Any number does. */
const KEEP_ALIVE_MS = 1_000_000;

interface Waiter<Part, Opened> {
  resolve(slot: Slot<Part, Opened>): void;
  reject(reason: unknown): void;
}

export type SlotOptions<Part, Opened> = Omit<ResourceOptions<never, Part, Opened>, 'select'>;

/** All that a resource has open, of which users get the active one. */
export class Slots<Part, Opened> {
  readonly #options: SlotOptions<Part, Opened>;
  readonly #report: (error: unknown) => void;
  readonly #drainMs: number;
  readonly #waitMs: number;
  readonly #opening = new Set<Promise<unknown>>();
  /** Not closed yet. */
  readonly #open = new Set<Slot<Part, Opened>>();
  readonly #closing = new WeakMap<Slot<Part, Opened>, Promise<void>>();
  readonly #waiting = new Set<Waiter<Part, Opened>>();
  #active: Slot<Part, Opened> | undefined;
  /** Why no user gets one any more. */
  #end: Error | undefined;

  constructor(options: SlotOptions<Part, Opened>, report: (error: unknown) => void) {
    this.#options = options;
    this.#report = report;
    this.#drainMs = options.drainMs ?? DRAIN_MS;
    this.#waitMs = options.waitMs ?? WAIT_MS;
  }

  get active(): Slot<Part, Opened> | undefined {
    return this.#active;
  }

  /** What users get from now on. Those who wait get it at once. Undefined: they wait. */
  activate(slot: Slot<Part, Opened> | undefined): void {
    this.#active = slot;
    if (slot === undefined) return;
    for (const waiter of this.#waiting) waiter.resolve(slot.enter());
    this.#waiting.clear();
  }

  /** The active one, entered. Synchronous if there is one. */
  enter(signal: AbortSignal | undefined): Slot<Part, Opened> | Promise<Slot<Part, Opened>> {
    signal?.throwIfAborted();
    if (this.#end !== undefined) throw this.#end;
    return this.#active?.enter() ?? this.#wait(signal);
  }

  async #wait(signal: AbortSignal | undefined): Promise<Slot<Part, Opened>> {
    const { promise, resolve, reject } = Promise.withResolvers<Slot<Part, Opened>>();
    const waiter = { resolve, reject };
    const onAbort = () => this.#refuse(waiter, signal?.reason);
    this.#waiting.add(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (!(await settlesWithin(promise, this.#waitMs)))
      this.#refuse(waiter, new ConfigError('LG_SDK_RESOURCE_TIMEOUT', [this.#waitMs]));
    signal?.removeEventListener('abort', onAbort);
    return promise;
  }

  /** Does nothing to one that has got a slot already: it must leave that. */
  #refuse(waiter: Waiter<Part, Opened>, reason: unknown): void {
    if (this.#waiting.delete(waiter)) waiter.reject(reason);
  }

  /** Opens one for later use. Rejects if it fails, or, once it is closed again, if the signal has aborted. */
  open(part: Part, signal: AbortSignal): Promise<Slot<Part, Opened>> {
    const opening = this.#openNext(part, signal);
    this.#opening.add(opening);
    const forget = () => this.#opening.delete(opening);
    opening.then(forget, forget);
    return opening;
  }

  async #openNext(part: Part, signal: AbortSignal): Promise<Slot<Part, Opened>> {
    signal.throwIfAborted();
    // What is open may keep its signal. That must not abort later, while it is used.
    const attempt = new AbortController();
    const onAbort = () => attempt.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const opened = await this.#options.open(part, { signal: attempt.signal });
      const slot = new Slot(part, opened);
      this.#open.add(slot);
      if (signal.aborted || this.#end !== undefined) await this.close(slot);
      signal.throwIfAborted();
      return slot;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Rejects if what a part asks for is not usable. */
  async check(part: Part, signal: AbortSignal): Promise<void> {
    await this.#options.check?.(part, { signal });
  }

  /** Closes one that is not active when its users have left, or at the deadline. Never rejects. */
  async drain(slot: Slot<Part, Opened>): Promise<void> {
    await slot.untilIdle(this.#drainMs, undefined);
    await this.close(slot);
  }

  /** Resolves when it can be closed, or when the signal aborts. */
  untilIdle(slot: Slot<Part, Opened>, signal: AbortSignal): Promise<void> {
    return slot.untilIdle(this.#drainMs, signal);
  }

  /** Closes it now. The same promise each time; it never rejects. */
  close(slot: Slot<Part, Opened>): Promise<void> {
    let closing = this.#closing.get(slot);
    if (closing === undefined) {
      closing = this.#closeOnce(slot);
      this.#closing.set(slot, closing);
    }
    return closing;
  }

  async #closeOnce(slot: Slot<Part, Opened>): Promise<void> {
    const ms = this.#drainMs;
    if (slot.users > 0)
      this.#report(new Error(`a resource was closed with ${slot.users} users after ${ms} ms`));
    const closed = (async () => this.#options.close?.(slot.opened))();
    closed.catch(this.#report);
    if (!(await settlesWithin(closed, ms)))
      this.#report(new Error(`the close of a resource has not ended after ${ms} ms`));
    this.#open.delete(slot);
  }

  /** Users get `reason` from now on; all is closed when they have left, or at the deadline. */
  async end(reason: Error): Promise<void> {
    this.#end = reason;
    this.#active = undefined;
    for (const waiter of this.#waiting) this.#refuse(waiter, reason);
    // Its timers do not keep the process alive, and it has an end.
    const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
    await Promise.all([
      settlesWithin(Promise.allSettled(this.#opening), this.#drainMs),
      ...[...this.#open].map((slot) => this.drain(slot)),
    ]);
    clearInterval(keepAlive);
  }

  stats(): { readonly open: number; readonly inUse: number; readonly draining: number } {
    const slots = [...this.#open];
    return {
      open: slots.length,
      inUse: slots.reduce((sum, { users }) => sum + users, 0),
      draining: slots.filter((slot) => slot !== this.#active && slot.users > 0).length,
    };
  }
}
