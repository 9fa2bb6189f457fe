import type { ServerResponse } from 'node:http';
import type { ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';
import type { Connection } from '../subscription.ts';
import { EventQueue } from './event-queue.ts';

export interface EventConnectionOptions {
  /** A comment line is sent so often, so that each side notices when the other is gone. */
  readonly heartbeatMs: number;
  /** The connection has ended, and `close` was not called. */
  readonly onEnd: () => void;
}

/**
 * Writes server-sent events: one at a time, each after the system has taken the one before. So a slow
 * reader holds one event and a short queue in memory, until the time-out of its socket ends it.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventConnection implements Connection {
  readonly #response: ServerResponse;
  readonly #options: EventConnectionOptions;
  readonly #queue = new EventQueue();
  readonly #end = Promise.withResolvers<void>();
  #heartbeat: NodeJS.Timeout | undefined;
  #subscriber: string | undefined;
  #nextId = 1;
  #phase: 'opening' | 'idle' | 'writing' | 'closed' = 'opening';

  constructor(response: ServerResponse, options: EventConnectionOptions) {
    this.#response = response;
    this.#options = options;
  }

  /** Resolves once nothing more is read. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  /** Sends the headers and `first`, and then what was sent meanwhile. `firstId`: the number of `first`. */
  open(subscriber: string, first: ProtocolEvent, firstId = 1): void {
    this.#subscriber = subscriber;
    this.#nextId = firstId;
    const { heartbeatMs } = this.#options;
    // The reader may go at any time; `close` follows.
    this.#response.on('error', () => {});
    this.#response.once('close', () => this.#ended());
    if (this.#response.closed) return void this.#ended();
    if (this.#phase === 'closed') return void this.#response.destroy();
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
    this.#response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.#write(this.#format(first));
  }

  send(event: ProtocolEvent): void {
    if (this.#phase === 'closed') return;
    this.#queue.push(event);
    if (this.#phase === 'idle') this.#next();
    else if (this.#queue.isFull) this.#response.destroy();
  }

  close(): void {
    const isOpen = this.#phase === 'idle' || this.#phase === 'writing';
    this.#stop();
    if (isOpen) this.#response.end();
  }

  #next(): void {
    const event = this.#queue.take();
    if (event === undefined) this.#phase = 'idle';
    else this.#write(this.#format(event));
  }

  #format({ event, data }: ProtocolEvent): string {
    const id = `${this.#subscriber}.${this.#nextId}`;
    this.#nextId += 1;
    return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  #write(text: string): void {
    this.#phase = 'writing';
    this.#response.write(text, (error) => {
      if (!error && this.#phase === 'writing') this.#next();
    });
  }

  #beat(): void {
    if (this.#phase === 'idle') this.#write(':\n\n');
  }

  #stop(): void {
    this.#phase = 'closed';
    clearInterval(this.#heartbeat);
  }

  #ended(): void {
    const isUnexpected = this.#phase !== 'closed';
    this.#stop();
    this.#end.resolve();
    if (isUnexpected) this.#options.onEnd();
  }
}
