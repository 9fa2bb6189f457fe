import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { Ack, ProtocolEvent, SubscriberSchema } from '@lastgood/core/model/sdk-protocol.ts';
import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import fastify from 'fastify';
import type { Connection, Session, SubscribeRequest, SubscriberBundle } from '../subscription.ts';
import { versionOf } from './events.testing.ts';
import { addRoutes } from './routes.ts';
import { type SubscriberServerOptions, serveSubscribers } from './server.ts';

/** The snapshot of this number, with these contents by path. */
export function snapshotOf(number: number, contents: Record<string, string | Buffer>): Snapshot {
  const files = Object.entries(contents).map(([path, content]) => {
    const bytes = Buffer.from(content);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { path, mode: 0o644, bytes, sha256, secret: path.startsWith('db/') };
  });
  const sizeBytes = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { version: versionOf(number), files, sizeBytes, writtenAtMs: 0 };
}

export class FakeSession implements Session {
  readonly id: string;
  readonly request: SubscribeRequest;
  readonly contents = new Map<Version, Snapshot>();
  readonly acks: Ack[] = [];
  schemas: readonly SubscriberSchema[] = [];
  connection: Connection;
  readonly end = Promise.withResolvers<'left' | 'disconnected'>();

  constructor(id: string, request: SubscribeRequest, connection: Connection) {
    this.id = id;
    this.request = request;
    this.connection = connection;
  }

  content(version: Version): Snapshot | undefined {
    return this.contents.get(version);
  }

  ack(ack: Ack): boolean {
    const counts = !this.acks.some((each) => each.event === ack.event);
    this.acks.push(ack);
    return counts;
  }

  async setSchemas(schemas: readonly SubscriberSchema[]): Promise<readonly string[]> {
    this.schemas = schemas;
    return schemas.map((_, index) => `problem ${index}`);
  }

  leave(): void {
    this.connection.close();
    this.end.resolve('left');
  }

  disconnected(connection: Connection): void {
    if (connection === this.connection) this.end.resolve('disconnected');
  }
}

export class FakeBundle implements SubscriberBundle {
  readonly name: string;
  snapshot: Snapshot | undefined;
  readonly sessions = new Map<string, FakeSession>();
  max = 1_000;
  newId = (): string => `${this.name}-${this.sessions.size + 1}`;

  constructor(name: string, snapshot?: Snapshot) {
    this.name = name;
    this.snapshot = snapshot;
  }

  readonly active = (): Snapshot | undefined => this.snapshot;

  /** The last one that has connected. */
  get last(): FakeSession {
    const last = [...this.sessions.values()].at(-1);
    if (last === undefined) throw new Error('no process has subscribed');
    return last;
  }

  subscribe(request: SubscribeRequest, connection: Connection): Session | null {
    if (this.sessions.size === this.max) return null;
    const known = this.sessions.get(request.resume ?? '');
    if (known !== undefined) {
      known.connection.close();
      known.connection = connection;
      return known;
    }
    const session = new FakeSession(this.newId(), request, connection);
    this.sessions.set(session.id, session);
    if (this.snapshot !== undefined)
      connection.send({ event: 'start', data: { version: this.snapshot.version } });
    return session;
  }

  session(id: string): Session | undefined {
    return this.sessions.get(id);
  }
}

export interface Client {
  readonly path: string;
  send(
    method: string,
    path: string,
    body?: string,
    headers?: Record<string, string>,
  ): Promise<Reply>;
  subscribe(path: string, headers?: Record<string, string>): Promise<Stream>;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The server at a real socket, and a client of it. */
export async function serving(
  t: TestContext,
  bundles: readonly SubscriberBundle[],
  options: Partial<SubscriberServerOptions> = {},
): Promise<Client> {
  const path = options.path ?? join(temporaryDirectory(t), 'sdk.sock');
  const given = { path, mode: 0o660, program: '0.1.0', ...options };
  const server = await serveSubscribers({ ...given, bundles });
  t.after(() => server.close());
  return { ...clientOf(path), close: () => server.close() };
}

/** Each request that the server knows, as OpenAPI writes it: `GET /v1/bundles/{bundle}`. */
export function routesOf(): string[] {
  const routes: string[] = [];
  const app = fastify();
  app.addHook('onRoute', ({ method, url }) => {
    const path = url.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{path}');
    if (method !== 'HEAD') routes.push(`${method} ${path}`);
  });
  const api = {
    bundles: [],
    others: [],
    program: '',
    heartbeatMs: 1,
    connections: new Set<never>(),
  };
  addRoutes(app, api);
  return routes;
}

export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'lastgood-socket-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function clientOf(socketPath: string): Omit<Client, 'close'> {
  const ask = (method: string, path: string, headers = {}, body?: string): ClientRequest =>
    httpRequest({ socketPath, method, path, headers, agent: false }).end(body);
  return {
    path: socketPath,
    async send(method, path, body, headers) {
      const response = await answerTo(ask(method, path, headers, body));
      const { statusCode: status = 0, headers: received } = response;
      return { status, headers: received, body: await text(response) };
    },
    async subscribe(path, headers) {
      return new Stream(await answerTo(ask('GET', path, headers)));
    },
  };
}

async function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  const [response] = await once(request, 'response');
  return response as IncomingMessage;
}

/** Server-sent events as a client reads them. */
export class Stream {
  readonly response: IncomingMessage;
  readonly #lines: AsyncIterator<string>;

  constructor(response: IncomingMessage) {
    this.response = response;
    this.#lines = linesOf(response);
  }

  /** The next event with its id; null at the end. */
  async next(): Promise<(ProtocolEvent & { readonly id: string }) | null> {
    const fields: Record<string, string> = {};
    for (;;) {
      const { value: line, done } = await this.#lines.next();
      if (done) return null;
      if (line === '' && fields.event !== undefined) break;
      const [name = '', value = ''] = line.split(/: (.*)/s);
      if (name !== '' && name !== ':') fields[name] = value;
    }
    const { id, event, data = '' } = fields;
    return { id, event, data: JSON.parse(data) } as ProtocolEvent & { id: string };
  }
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
