import { reasonOf } from '@lastgood/core/model/error.ts';
import type { ViewSchema } from '../provider.ts';
import { refusalOf } from './fault.ts';
import { type Connection, SendLoop } from './send-loop.ts';

/** Sends schemas. Resolves with what the sidecar cannot use of them. */
type Send = (connection: Connection, schemas: readonly ViewSchema[]) => Promise<readonly string[]>;

/** Sends the schemas of the app at each connection, and when there are others. */
export class Schemas {
  readonly #send: Send;
  #schemas: readonly ViewSchema[] = [];
  #report: (problem: string) => void = () => {};
  readonly #loop = new SendLoop((connection) => this.#sendNext(connection));
  /** The newest schemas, or the connection, changed since they were sent. */
  #isDue = false;

  constructor(send: Send) {
    this.#send = send;
  }

  set(schemas: readonly ViewSchema[], report: (problem: string) => void): void {
    this.#schemas = schemas;
    this.#report = report;
    this.#isDue = schemas.length > 0;
    this.#loop.start();
  }

  connect(connection: Connection): void {
    this.#isDue = this.#schemas.length > 0;
    this.#loop.connect(connection);
  }

  #sendNext(connection: Connection): Promise<void> | undefined {
    return this.#isDue ? this.#sendAll(connection) : undefined;
  }

  async #sendAll(connection: Connection): Promise<void> {
    this.#isDue = false;
    try {
      for (const problem of await this.#send(connection, this.#schemas)) this.#report(problem);
    } catch (error) {
      const status = refusalOf(error);
      if (status === undefined) {
        this.#isDue = true;
        throw error;
      }
      // A subscriber that is unknown connects again, and sends them then.
      if (status !== 404) this.#report(reasonOf(error));
    }
  }
}
