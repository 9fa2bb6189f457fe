import { type ClientRequest, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { Ack, BundleContent, ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';

/** What a process says to an event about a version; undefined: nothing. */
export type Says = (content: string, event: Ack['event']) => Ack['verdict'] | undefined;

/** A process that speaks the SDK's protocol with a plain HTTP client. It comes back by itself. */
export class Subscriber {
  readonly #socketPath: string;
  readonly #name: string;
  says: Says = () => 'accept';
  /** Events in order: `start`, `prepare`, … */
  readonly heard: string[] = [];
  /** What it runs on: the text of `config.yaml`. */
  runs: string | undefined;
  #version: string | undefined;
  #lastId: string | undefined;
  #id = '';
  #stream: ClientRequest | undefined;
  #isClosed = false;
  readonly #prepared = new Map<string, string>();
  #waiting: (() => void)[] = [];

  constructor(socketPath: string, name = 'test') {
    this.#socketPath = socketPath;
    this.#name = name;
  }

  /** Resolves when `look` holds, which it tries after each event. */
  async until(look: () => boolean): Promise<void> {
    while (!look()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  connect(): this {
    const query = new URLSearchParams({ name: this.#name });
    if (this.#version !== undefined) query.set('version', this.#version);
    const headers = this.#lastId === undefined ? {} : { 'last-event-id': this.#lastId };
    const path = `/v1/bundles/model/events?${query}`;
    const stream = request({ socketPath: this.#socketPath, path, headers, agent: false });
    this.#stream = stream;
    stream.on('response', (response) => {
      let event = '';
      const lines = createInterface({ input: response }).on('error', () => {});
      lines.on('line', (line) => {
        const [, field, value = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
        if (field === 'id') this.#lastId = value;
        if (field === 'event') event = value;
        if (field === 'data') this.#take({ event, data: JSON.parse(value) } as ProtocolEvent);
      });
      response.on('close', () => this.#again(stream));
      response.on('error', () => {});
    });
    stream.on('error', () => this.#again(stream));
    stream.end();
    return this;
  }

  /** The process ends, and does not leave first. */
  die(): void {
    this.#isClosed = true;
    this.#stream?.destroy();
  }

  async leave(): Promise<void> {
    this.#isClosed = true;
    await this.#send('DELETE', `/v1/subscribers/${this.#id}`);
  }

  #again(stream: ClientRequest): void {
    if (stream !== this.#stream || this.#isClosed) return;
    this.#stream = undefined;
    setTimeout(() => this.#isClosed || this.connect(), 100).unref();
  }

  #take(event: ProtocolEvent): void {
    if (event.event === 'hello') this.#id = event.data.subscriber;
    else void this.#answer(event);
  }

  async #answer(event: Exclude<ProtocolEvent, { readonly event: 'hello' }>): Promise<void> {
    this.heard.push(event.event);
    if (event.event !== 'state' && event.event !== 'abort') {
      const { version } = event.data;
      const content = this.#prepared.get(version) ?? (await this.#read(version));
      if (content === undefined) return;
      this.#prepared.set(version, content);
      const verdict = this.says(content, event.event);
      if (verdict === undefined) return this.#wake();
      if (event.event !== 'prepare' && verdict === 'accept') {
        this.runs = content;
        this.#version = version;
      }
      const rollout = 'rollout' in event.data ? { rollout: event.data.rollout } : {};
      const reasons = verdict === 'accept' ? {} : { reasons: [`${content.trim()} is too large`] };
      const ack: Ack = { event: event.event, version, verdict, ...rollout, ...reasons };
      await this.#send('POST', `/v1/subscribers/${this.#id}/acks`, JSON.stringify(ack));
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #read(version: string): Promise<string | undefined> {
    const text = await this.#send('GET', `/v1/subscribers/${this.#id}/versions/${version}`);
    const { files } = JSON.parse(text) as Partial<BundleContent>;
    const file = files?.find(({ path }) => path === 'config.yaml');
    return file && Buffer.from(file.content, 'base64').toString();
  }

  /** An empty object if the sidecar is gone. */
  #send(method: string, path: string, body?: string): Promise<string> {
    return new Promise((resolve) => {
      const sent = request({ socketPath: this.#socketPath, path, method, agent: false });
      sent.on('error', () => resolve('{}'));
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('close', () => resolve(text || '{}'));
        response.on('error', () => resolve('{}'));
      });
      sent.end(body);
    });
  }
}
