import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Ack, BundleContent, ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import type { Texts } from '../app.testing.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A stream of events to one process. */
interface Stream {
  readonly subscriber: string;
  readonly version: string | null;
  readonly lastEventId: string | undefined;
  readonly response: ServerResponse;
}

/** A sidecar that says what a test tells it to, over a real Unix socket. */
export class StandIn {
  readonly socket: string;
  readonly acks: Ack[] = [];
  readonly left: string[] = [];
  readonly streams: Stream[] = [];
  bundles: readonly string[] = ['model'];
  heartbeatMs = 15_000;
  /** Answers requests before the protocol does, for paths that it names. */
  readonly instead = new Map<string, Handler>();
  readonly #contents = new Map<Version, BundleContent>();
  #server: Server | undefined;
  #subscribers = 0;
  #events = 0;
  #active: Version | undefined;
  #wake = () => {};

  constructor(socket: string) {
    this.socket = socket;
  }

  static async listen(t: TestContext, first?: Texts): Promise<StandIn> {
    const standIn = new StandIn(join(temporaryDirectory(t), 'sdk.sock'));
    if (first !== undefined) standIn.#active = standIn.keep(first);
    await standIn.open();
    t.after(() => standIn.close());
    return standIn;
  }

  async open(): Promise<void> {
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.listen(this.socket);
    await once(this.#server, 'listening');
  }

  /** As a sidecar that is killed. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** Ends the connections; the subscribers stay known if they come back. */
  cut(): void {
    this.#server?.closeAllConnections();
  }

  /** Another process at the same socket, which knows none of the subscribers. */
  async restart(): Promise<void> {
    await this.close();
    this.streams.length = 0;
    await this.open();
  }

  /** Has the content for who asks. */
  keep(texts: Texts, secret: readonly string[] = []): Version {
    const hash = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
    const files = Object.entries(texts).map(([path, text]) => ({
      path,
      mode: 0o644,
      secret: secret.includes(path),
      content: Buffer.from(text).toString('base64'),
    }));
    const version: Version = `sha256:${hash}`;
    this.#contents.set(version, { bundle: 'model', version, files });
    return version;
  }

  /** Tells the newest subscriber. */
  send<Name extends ProtocolEvent['event']>(event: Name, data: DataOf<Name>): void {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error('no process is subscribed');
    this.#events += 1;
    const id = `${stream.subscriber}.${this.#events}`;
    stream.response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** What the first phase sends. */
  prepare(rollout: string, texts: Texts): Version {
    const version = this.keep(texts);
    this.send('prepare', {
      ...{ rollout, version, previous: this.#active ?? null, reason: 'changed' },
      ...{ changed: Object.keys(texts), timeoutMs: DEADLINE_MS },
    });
    return version;
  }

  /** Both phases. */
  async roll(rollout: string, texts: Texts): Promise<void> {
    const version = this.prepare(rollout, texts);
    await this.untilAck('prepare', 'accept', rollout);
    this.send('commit', { rollout, version });
    this.#active = version;
    await this.untilAck('commit', 'accept', rollout);
  }

  /** The version that a process starts on. */
  activate(texts: Texts, secret: readonly string[] = []): Version {
    this.#active = this.keep(texts, secret);
    return this.#active;
  }

  deactivate(): void {
    this.#active = undefined;
  }

  untilAck(event: Ack['event'], verdict: Ack['verdict'], rollout?: string): Promise<Ack> {
    return this.until(
      () =>
        this.acks.find(
          (ack) => ack.event === event && ack.verdict === verdict && ack.rollout === rollout,
        ),
      `${event} ${verdict} ${rollout}`,
    );
  }

  untilStreams(count: number): Promise<true> {
    return this.until(() => this.streams.length >= count || undefined, `${count} streams`);
  }

  async until<T>(find: () => T | undefined, what: string): Promise<T> {
    const deadline = AbortSignal.timeout(DEADLINE_MS);
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#wake = resolve;
      deadline.onabort = () => reject(new Error(`not ${what}: ${JSON.stringify(this.acks)}`));
      await promise;
    }
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://lastgood');
    response.setHeader('Lastgood-Protocol', '1');
    const instead = this.instead.entries().find(([part]) => pathname.includes(part))?.[1];
    const [, , kind, name = '', ...rest] = pathname.split('/');
    if (instead !== undefined) instead(request, response);
    else if (kind !== 'bundles') this.#subscriber(request, response, [name, ...rest]);
    else if (name === '') this.#list(response);
    else if (!this.bundles.includes(name)) fail(response, 404, `there is no bundle ${name}`);
    else if (rest[0] === 'events') this.#stream(request, response, searchParams.get('version'));
    else this.#bundle(response);
  }

  #subscriber(
    request: IncomingMessage,
    response: ServerResponse,
    [id = '', what, version]: readonly string[],
  ): void {
    if (!this.streams.some(({ subscriber }) => subscriber === id))
      fail(response, 404, 'the subscriber is not connected');
    else if (what === 'versions') this.#content(response, version as Version);
    else if (what === 'acks') this.#ack(request, response);
    else if (what === 'schemas') reply(response, 200, { problems: [] });
    else {
      this.left.push(id);
      response.writeHead(204).end();
      this.#wake();
    }
  }

  #list(response: ServerResponse): void {
    const bundles = this.bundles.map((bundle) => ({ bundle, version: this.#active ?? null }));
    reply(response, 200, { bundles });
  }

  #bundle(response: ServerResponse): void {
    if (this.#active === undefined) fail(response, 503, 'no good version yet');
    else this.#content(response, this.#active);
  }

  #content(response: ServerResponse, version: Version): void {
    const content = this.#contents.get(version);
    if (content === undefined) fail(response, 404, 'the version is over');
    else reply(response, 200, content);
  }

  #ack(request: IncomingMessage, response: ServerResponse): void {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      this.acks.push(JSON.parse(text));
      reply(response, 200, { counted: true });
      this.#wake();
    });
  }

  #stream(request: IncomingMessage, response: ServerResponse, version: string | null): void {
    const lastEventId = request.headers['last-event-id']?.toString();
    const resumed = this.streams.find(({ subscriber }) => lastEventId?.startsWith(subscriber));
    if (resumed === undefined) this.#subscribers += 1;
    const subscriber = resumed?.subscriber ?? `s${this.#subscribers}`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.streams.push({ subscriber, version, lastEventId, response });
    const { heartbeatMs } = this;
    this.send('hello', { subscriber, protocol: 1, lastgood: '0', bundle: 'model', heartbeatMs });
    if (resumed === undefined && this.#active !== undefined) {
      this.send('start', { version: this.#active });
      this.send('state', { status: 'ok' });
    }
    this.#wake();
  }
}

type DataOf<Name> = Extract<ProtocolEvent, { readonly event: Name }>['data'];

export function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function fail(response: ServerResponse, status: number, message: string): void {
  reply(response, status, { code: 'LG_SDK_NOT_FOUND', message });
}
