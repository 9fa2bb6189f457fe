import { waitAfter } from './waits.ts';

/** One connection to a subscriber of the sidecar. */
export interface Connection {
  readonly subscriber: string;
  /** Aborts when it is over. */
  readonly signal: AbortSignal;
}

/** Starts to send what is due next. Undefined: nothing is. The promise rejects if it must be sent again. */
type SendNext = (connection: Connection) => Promise<void> | undefined;

/** Sends one request after the other on the newest connection, and waits after each that fails. */
export class SendLoop {
  readonly #sendNext: SendNext;
  #connection: Connection | undefined;
  #sending: Promise<void> = Promise.resolve();
  #isSending = false;

  constructor(sendNext: SendNext) {
    this.#sendNext = sendNext;
  }

  get subscriber(): string | undefined {
    return this.#connection?.subscriber;
  }

  connect(connection: Connection): void {
    this.#connection = connection;
    this.start();
  }

  /** Goes on, as something is due. */
  start(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    this.#sending = this.#run();
  }

  /** Resolves when all is sent, or the connection is over. */
  async flushed(): Promise<void> {
    await this.#sending;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    let failures = 0;
    for (;;) {
      const connection = this.#connection;
      if (connection === undefined || connection.signal.aborted) break;
      const sending = this.#sendNext(connection);
      if (sending === undefined) break;
      failures = await sending.then(
        () => 0,
        () => failures + 1,
      );
      if (failures > 0) await waitAfter(failures, connection.signal);
    }
    // In the same step as the last look: what is due next starts it again.
    this.#isSending = false;
  }
}
