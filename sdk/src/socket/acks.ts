import type { Ack } from '@lastgood/core/model/sdk-protocol.ts';
import { refusalOf } from './fault.ts';
import { type Connection, SendLoop } from './send-loop.ts';

/** More are not useful: the sidecar needs the newest of each rollout. */
const MAX_WAITING = 16;

export interface AcksOptions {
  readonly send: (connection: Connection, ack: Ack) => Promise<void>;
  /** The sidecar does not know the subscriber any more. */
  readonly onUnknown: () => void;
}

/** The answers of the app, sent one after the other. Those that a connection lost are sent on the next one. */
export class Acks {
  readonly #options: AcksOptions;
  readonly #waiting: Ack[] = [];
  readonly #loop = new SendLoop((connection) => this.#sendNext(connection));

  constructor(options: AcksOptions) {
    this.#options = options;
  }

  /** Goes on with those that the sidecar may not have got. Another subscriber has nothing to answer to. */
  connect(connection: Connection): void {
    if (connection.subscriber !== this.#loop.subscriber) this.#waiting.length = 0;
    this.#loop.connect(connection);
  }

  add(ack: Ack): void {
    this.#waiting.push(ack);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#loop.start();
  }

  /** Resolves when all are sent, or the connection is over. */
  flushed(): Promise<void> {
    return this.#loop.flushed();
  }

  #sendNext(connection: Connection): Promise<void> | undefined {
    const [ack] = this.#waiting;
    return ack && this.#send(connection, ack);
  }

  async #send(connection: Connection, ack: Ack): Promise<void> {
    try {
      await this.#options.send(connection, ack);
    } catch (error) {
      const status = refusalOf(error);
      if (status === 404 && !connection.signal.aborted) this.#options.onUnknown();
      if (status === undefined) throw error;
    }
    // Meanwhile another subscriber or a full queue may have taken it out.
    if (this.#waiting[0] === ack) this.#waiting.shift();
  }
}
