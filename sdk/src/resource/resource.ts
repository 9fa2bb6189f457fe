import type { Prepared } from '../config.ts';
import type { Lease, Resource, ResourceOptions } from '../config-resource.ts';
import { Beside } from './beside.ts';
import type { Participant, ResourceHost } from './host.ts';
import { Replace } from './replace.ts';
import { Slots } from './slots.ts';
import type { Swap } from './swap.ts';

/**
 * Opens something for a part of the active version, and replaces it with each version that changes the part.
 * Rejects if it cannot be opened, and leaves nothing then.
 */
export async function openResource<T, Part, Opened>(
  options: ResourceOptions<T, Part, Opened>,
  host: ResourceHost<T>,
): Promise<Resource<Opened>> {
  const resource = new ManagedResource(options, host);
  const leave = host.join(resource);
  try {
    await resource.start();
    return resource;
  } catch (error) {
    leave();
    throw error;
  }
}

class ManagedResource<T, Part, Opened> implements Resource<Opened>, Participant<T> {
  readonly #select: (value: T) => Part;
  readonly #host: ResourceHost<T>;
  readonly #slots: Slots<Part, Opened>;
  readonly #swap: Swap<Part>;
  readonly #closing = new AbortController();
  /** Whether the first one could be opened. Undefined before that has begun. */
  #hasStarted: Promise<boolean> | undefined;

  constructor(options: ResourceOptions<T, Part, Opened>, host: ResourceHost<T>) {
    // The app may give an instance of a class.
    this.#select = (value) => options.select(value);
    this.#host = host;
    this.#slots = new Slots(options, (error) => host.report(error));
    this.#swap =
      options.swap === 'replace'
        ? new Replace(this.#slots, (thrown) => host.setFault(thrown))
        : new Beside(this.#slots);
  }

  async start(): Promise<void> {
    // A version in progress may be past the point where it could be prepared here.
    for (let other = this.#host.pending(); other !== undefined; other = this.#host.pending())
      await other;
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const starting = this.#swap.start(this.#select(this.#host.current), signal);
    this.#hasStarted = starting.then(
      () => true,
      () => false,
    );
    await orAbort(starting, signal);
  }

  prepare(next: T, signal: AbortSignal): Promise<Prepared | undefined> {
    return orAbort(this.#prepare(next, signal), signal, (late) => late?.abort?.());
  }

  async #prepare(next: T, signal: AbortSignal): Promise<Prepared | undefined> {
    if (!(await this.#hasStarted)) return undefined;
    signal.throwIfAborted();
    return this.#swap.prepare(this.#select(next), signal);
  }

  async close(reason: Error): Promise<void> {
    this.#closing.abort(reason);
    this.#swap.end();
    await this.#slots.end(reason);
  }

  async use<R>(fn: (opened: Opened) => R | Promise<R>): Promise<R> {
    const entered = this.#slots.enter(undefined);
    const slot = entered instanceof Promise ? await entered : entered;
    try {
      return await fn(slot.opened);
    } finally {
      slot.leave();
    }
  }

  async acquire({ signal }: { readonly signal?: AbortSignal } = {}): Promise<Lease<Opened>> {
    return (await this.#slots.enter(signal)).lease();
  }

  stats(): { readonly open: number; readonly inUse: number; readonly draining: number } {
    return this.#slots.stats();
  }
}

/** The outcome of `work`, or the reason of the signal as soon as it aborts. A late result goes to `letGo`. */
function orAbort<T>(work: Promise<T>, signal: AbortSignal, letGo?: (late: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work
      .then((result) => {
        if (signal.aborted) letGo?.(result);
        resolve(result);
      }, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}
