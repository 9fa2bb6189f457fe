import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import type { ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';
import { ConfigError } from '../config-error.ts';
import type {
  Answer,
  BundleVersion,
  Provider,
  Report,
  Subscriber,
  ViewSchema,
} from '../provider.ts';
import { settlesWithin } from '../timer.ts';
import { Acks } from './acks.ts';
import { SidecarFault } from './fault.ts';
import { findOnlyBundle, unknownBundle } from './find-bundle.ts';
import { isId } from './read-event.ts';
import { Rollouts } from './rollouts.ts';
import { Schemas } from './schemas.ts';
import type { Connection } from './send-loop.ts';
import { Sidecar } from './sidecar.ts';
import { waitAfter } from './waits.ts';

/** A subscriber that is away for longer cannot come back. Source: docs/protocol.md. */
const RESUME_MS = 5_000;

/** A connection that lasted this long does not count as a failure. */
const STABLE_MS = 1_000;

/** To tell the sidecar that the app closes. */
const LEAVE_MS = 500;

const MAX_PATH_BYTES = 107;

export interface SocketOptions {
  readonly socket: string;
  /** Left out: the only one that there is. */
  readonly bundle?: string | undefined;
}

/**
 * Versions of a bundle, from a sidecar. It connects again by itself, until it is closed. Throws a
 * `ConfigError` for a path that no socket can have.
 */
export function createSocketProvider(options: SocketOptions): Provider {
  // Node.js 22 would cut it. Source: unix(7).
  if (Buffer.byteLength(options.socket) > MAX_PATH_BYTES)
    throw new ConfigError('LG_SDK_OPTION', ['socket', `a path of at most ${MAX_PATH_BYTES} bytes`]);
  return new SocketProvider(options);
}

class SocketProvider implements Provider {
  readonly #sidecar: Sidecar;
  readonly #acks = new Acks({
    send: ({ subscriber, signal }, ack) => this.#sidecar.acknowledge(subscriber, ack, signal),
    onUnknown: () => this.#disconnect('the sidecar does not know this process any more'),
  });
  readonly #schemas = new Schemas((...request) => this.#sidecar.setSchemas(...request));
  readonly #first = Promise.withResolvers<BundleVersion>();
  readonly #closed = new AbortController();
  #bundle: string | undefined;
  #subscriber: Subscriber | undefined;
  #rollouts: Rollouts | undefined;
  /** Of the connection that is open, or opens. */
  #over = new AbortController();
  /** Once the sidecar has said hello. */
  #connection: Connection | undefined;
  /** The subscriber that the sidecar made, also while it is away. */
  #id: string | undefined;
  #lastEventId: string | undefined;
  #awaySinceMs = Number.POSITIVE_INFINITY;
  /** Why there is no connection, or no first version. */
  #away: string | undefined;
  /** Why a version cannot be fetched. */
  #problem: string | undefined;
  /** As the sidecar said it last. */
  #state: Report = { status: 'ok' };
  /** It has said so to this subscriber. */
  #isStateKnown = false;
  #ended: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor({ socket, bundle }: SocketOptions) {
    this.#sidecar = new Sidecar(socket);
    this.#bundle = bundle;
  }

  async start(subscriber: Subscriber, signal: AbortSignal): Promise<BundleVersion> {
    if (this.#isClosed) throw new LastgoodError('LG_SDK_CLOSED');
    this.#subscriber = subscriber;
    this.#rollouts = new Rollouts({
      subscriber,
      fetch: (version, ended) => this.#sidecar.version(this.#id ?? '', version, ended),
      acknowledge: (ack) => this.#acks.add(ack),
      onFirst: (version) => this.#onFirst(version),
      onProblem: (reason) => this.#setProblem(reason),
    });
    const abort = () => {
      this.#first.reject(signal.reason);
      void this.close();
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    this.#ended = this.#run(this.#rollouts);
    try {
      return await this.#first.promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  setSchemas(schemas: readonly ViewSchema[], report: (problem: string) => void): void {
    this.#schemas.set(schemas, report);
  }

  started(answer: Answer): void {
    this.#rollouts?.started(answer);
  }

  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#first.reject(new LastgoodError('LG_SDK_CLOSED'));
      // After the start, no caller waits for it.
      this.#first.promise.catch(() => {});
      this.#rollouts?.reset('the connection is closed');
      await this.#leave();
      this.#closed.abort();
      this.#over.abort();
      this.#sidecar.close();
    }
    await this.#ended;
  }

  /** Never rejects. */
  async #run(rollouts: Rollouts): Promise<void> {
    let failures = 0;
    while (!this.#isClosed) {
      const sinceMs = performance.now();
      this.#over = new AbortController();
      const error = await this.#connect(rollouts, this.#over.signal).catch((thrown) => thrown);
      this.#connection = undefined;
      const reason = this.#over.signal.aborted ? this.#over.signal.reason : error;
      this.#over.abort();
      if (this.#isClosed) return;
      if (error instanceof LastgoodError && rollouts.active === undefined) {
        this.#first.reject(error);
        return;
      }
      this.#setAway(rollouts, reason);
      failures = performance.now() - sinceMs > STABLE_MS ? 1 : failures + 1;
      await waitAfter(failures, this.#closed.signal);
    }
  }

  /** Always rejects: with why the connection is over. */
  async #connect(rollouts: Rollouts, signal: AbortSignal): Promise<never> {
    const sidecar = this.#sidecar;
    this.#bundle ??= await findOnlyBundle(sidecar, signal);
    const bundle = this.#bundle;
    const version = rollouts.running;
    const onEvent = (event: ProtocolEvent, id: string | undefined) => {
      this.#onEvent(rollouts, event, signal);
      if (isId(id)) this.#lastEventId = id;
    };
    const lastEventId = this.#lastEventId;
    try {
      return await sidecar.follow({ bundle, version, lastEventId, onEvent, signal });
    } catch (error) {
      const isUnknown = error instanceof SidecarFault && error.status === 404;
      throw isUnknown ? await unknownBundle(sidecar, bundle, signal) : error;
    }
  }

  #onEvent(rollouts: Rollouts, event: ProtocolEvent, signal: AbortSignal): void {
    // It leaves: an app that has closed would refuse the version for all.
    if (this.#isClosed) return;
    if (event.event === 'hello')
      this.#greet(rollouts, { subscriber: event.data.subscriber, signal });
    else if (this.#connection === undefined)
      throw new SidecarFault(`the sidecar sent ${event.event} before hello`);
    else if (event.event === 'state') {
      this.#state = reportOf(event.data);
      this.#isStateKnown = true;
      this.#away = undefined;
      this.#tell();
    } else rollouts.follow(event);
  }

  #greet(rollouts: Rollouts, connection: Connection): void {
    const isNew = connection.subscriber !== this.#id;
    if (isNew) rollouts.reset('the sidecar has started again');
    this.#id = connection.subscriber;
    this.#connection = connection;
    this.#awaySinceMs = Number.POSITIVE_INFINITY;
    this.#acks.connect(connection);
    this.#schemas.connect(connection);
    // A new one gets its state from the sidecar.
    this.#isStateKnown &&= !isNew;
    if (!isNew) this.#away = undefined;
    this.#tell();
    void this.#explainWait(connection.signal);
  }

  /** A sidecar that has just started may have neither a version nor a state yet. Never rejects. */
  async #explainWait(signal: AbortSignal): Promise<void> {
    const isOver = () => signal.aborted || this.#isStateKnown;
    for (let tries = 1; !isOver(); tries += 1) {
      await waitAfter(tries, signal);
      if (isOver()) return;
      const found = this.#sidecar.requireVersion(this.#bundle ?? '', signal);
      const reason = await found.then(() => undefined, reasonOf);
      if (isOver()) return;
      this.#away = reason;
      this.#tell();
    }
  }

  #onFirst(version: BundleVersion): void {
    this.#away = undefined;
    this.#tell();
    this.#first.resolve(version);
  }

  #disconnect(why: string): void {
    this.#lastEventId = undefined;
    this.#over.abort(new SidecarFault(why));
  }

  #setAway(rollouts: Rollouts, reason: unknown): void {
    const nowMs = performance.now();
    this.#awaySinceMs = Math.min(this.#awaySinceMs, nowMs);
    if (nowMs - this.#awaySinceMs > RESUME_MS) {
      // What is prepared may hold memory, and no commit can come for it.
      rollouts.reset('the sidecar is away');
      this.#lastEventId = undefined;
    }
    const message = reasonOf(reason);
    this.#away = reason instanceof LastgoodError ? `${message}; ${reason.hint}` : message;
    this.#tell();
  }

  #setProblem(reason: string | undefined): void {
    if (reason === this.#problem) return;
    this.#problem = reason;
    this.#tell();
  }

  #tell(): void {
    if (!this.#isClosed) this.#subscriber?.report(this.#report());
  }

  #report(): Report {
    if (this.#away !== undefined) return { status: 'disconnected', reason: this.#away };
    if (this.#problem !== undefined) return { status: 'degraded', reason: this.#problem };
    return this.#state;
  }

  /** Tells the sidecar not to wait for this process. */
  async #leave(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    const { subscriber, signal } = connection;
    const left = this.#acks.flushed().then(() => this.#sidecar.leave(subscriber, signal));
    await settlesWithin(left, LEAVE_MS);
  }
}

function reportOf(data: Extract<ProtocolEvent, { event: 'state' }>['data']): Report {
  const { status, reason = status, rejected } = data;
  if (status === 'ok') return { status };
  return { status, reason, ...(rejected === undefined ? {} : { rejected }) };
}
