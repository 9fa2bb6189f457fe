import type { Ack } from '@lastgood/core/model/sdk-protocol.ts';
import { SidecarFault } from './fault.ts';
import { waitAfter } from './waits.ts';

/** More are not useful: the sidecar needs the newest of each rollout. */
const MAX_WAITING = 16;

/** One connection to a subscriber of the sidecar. */
export interface Connection {
  readonly subscriber: string;
  /** Aborts when it is over. */
  readonly signal: AbortSignal;
}

export interface AcksOptions {
  readonly send: (connection: Connection, ack: Ack) => Promise<void>;
  /** The sidecar does not know the subscriber any more. */
  readonly onUnknown: () => void;
}

/** The answers of the app, sent one after the other. Those that a connection lost are sent on the next one. */
export class Acks {
  readonly #options: AcksOptions;
  readonly #waiting: Ack[] = [];
  #connection: Connection | undefined;
  #sending: Promise<void> = Promise.resolve();
  #isSending = false;

  constructor(options: AcksOptions) {
    this.#options = options;
  }

  /** Goes on with those that the sidecar may not have got. Another subscriber has nothing to answer to. */
  connect(connection: Connection): void {
    if (connection.subscriber !== this.#connection?.subscriber) this.#waiting.length = 0;
    this.#connection = connection;
    this.#start();
  }

  add(ack: Ack): void {
    this.#waiting.push(ack);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#start();
  }

  /** Resolves when all are sent, or the connection is over. */
  async flushed(): Promise<void> {
    await this.#sending;
  }

  #start(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    this.#sending = this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    let failures = 0;
    for (;;) {
      const [ack] = this.#waiting;
      const connection = this.#connection;
      if (ack === undefined || connection === undefined || connection.signal.aborted) break;
      if (await this.#trySend(connection, ack)) {
        failures = 0;
        // Meanwhile another subscriber or a full queue may have taken it out.
        if (this.#waiting[0] === ack) this.#waiting.shift();
      } else {
        failures += 1;
        await waitAfter(failures, connection.signal);
      }
    }
    // In the same step as the last look at the queue: an answer that comes next starts it again.
    this.#isSending = false;
  }

  /** Whether it need not be sent again. */
  async #trySend(connection: Connection, ack: Ack): Promise<boolean> {
    try {
      await this.#options.send(connection, ack);
      return true;
    } catch (error) {
      const status = error instanceof SidecarFault ? error.status : undefined;
      if (status === 404 && !connection.signal.aborted) this.#options.onUnknown();
      // What the sidecar cannot read now, it cannot read the next time.
      return status !== undefined && status < 500;
    }
  }
}
