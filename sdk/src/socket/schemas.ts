import { reasonOf } from '@lastgood/core/model/error.ts';
import type { ViewSchema } from '../provider.ts';
import type { Connection } from './acks.ts';
import { SidecarFault } from './fault.ts';
import { waitAfter } from './waits.ts';

/** Sends schemas. Resolves with what the sidecar cannot use of them. */
type Send = (connection: Connection, schemas: readonly ViewSchema[]) => Promise<readonly string[]>;

/** Sends the schemas of the app at each connection, and when there are others. */
export class Schemas {
  readonly #send: Send;
  #schemas: readonly ViewSchema[] = [];
  #report: (problem: string) => void = () => {};
  #connection: Connection | undefined;
  #isSending = false;
  /** The newest schemas, or the connection, changed since they were sent. */
  #isDue = false;

  constructor(send: Send) {
    this.#send = send;
  }

  set(schemas: readonly ViewSchema[], report: (problem: string) => void): void {
    this.#schemas = schemas;
    this.#report = report;
    this.#start();
  }

  connect(connection: Connection): void {
    this.#connection = connection;
    this.#start();
  }

  #start(): void {
    this.#isDue = this.#schemas.length > 0;
    if (!this.#isSending) void this.#sendAll();
  }

  /** Never rejects. */
  async #sendAll(): Promise<void> {
    this.#isSending = true;
    let failures = 0;
    for (;;) {
      const connection = this.#connection;
      if (!this.#isDue || connection === undefined || connection.signal.aborted) break;
      this.#isDue = false;
      if (await this.#trySend(connection)) failures = 0;
      else {
        failures += 1;
        this.#isDue = true;
        await waitAfter(failures, connection.signal);
      }
    }
    // In the same step as the last look, as in `Acks`.
    this.#isSending = false;
  }

  /** Whether it need not be sent again on this connection. */
  async #trySend(connection: Connection): Promise<boolean> {
    try {
      for (const problem of await this.#send(connection, this.#schemas)) this.#report(problem);
      return true;
    } catch (error) {
      const status = error instanceof SidecarFault ? error.status : undefined;
      if (status === undefined || status >= 500) return false;
      // A subscriber that is unknown connects again, and sends them then.
      if (status !== 404) this.#report(reasonOf(error));
      return true;
    }
  }
}
