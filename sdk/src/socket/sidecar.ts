import type { IncomingMessage } from 'node:http';
import { basename } from 'node:path';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import {
  type Ack,
  PROTOCOL_VERSION,
  type ProtocolEvent,
} from '@lastgood/core/model/sdk-protocol.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import type { BundleVersion, ViewSchema } from '../provider.ts';
import { readEvents } from './event-stream.ts';
import { explainFault, SidecarFault } from './fault.ts';
import { createAgent, type HttpRequest, mediaTypeOf, readBody, sendRequest } from './http.ts';
import { readContent } from './read-content.ts';
import { protocolError, readEvent } from './read-event.ts';
import { isText, readJsonObject } from './read-json.ts';
import type { Connection } from './send-loop.ts';

/** The files of a bundle in base64: 48 MiB, far more than etcd holds for a pod. */
const MAX_CONTENT_BYTES = 64 * 2 ** 20;

const MAX_BODY_BYTES = 2 ** 20;

/** A connection without a sign of life for so many heartbeats is over. */
const MISSED_HEARTBEATS = 2.5;

/** Of what the sidecar says in an error. */
const MAX_REASON_LENGTH = 1000;

const HEADER = 'lastgood-protocol';

export interface Subscription {
  readonly bundle: string;
  /** What the app runs on. Left out: it starts. */
  readonly version?: Version | undefined;
  readonly lastEventId?: string | undefined;
  readonly onEvent: (event: ProtocolEvent, id: string | undefined) => void;
  readonly signal: AbortSignal;
}

/** The requests of the protocol. Each rejects with a `SidecarFault`, whatever is at the other end. */
export class Sidecar {
  readonly #socket: string;
  readonly #agent = createAgent();

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** The bundles that an app can connect to. */
  async bundles(signal: AbortSignal): Promise<readonly string[]> {
    const { bundles } = await this.#ask({ path: '/v1/bundles', signal });
    if (!Array.isArray(bundles)) return [];
    return bundles.map((entry) => (isMapping(entry) ? entry.bundle : undefined)).filter(isText);
  }

  /** Rejects with the reason if the bundle has no good version. */
  async requireVersion(bundle: string, signal: AbortSignal): Promise<void> {
    const request = { path: `/v1/bundles/${encodeURIComponent(bundle)}`, signal };
    await this.#exchange(request, async (response) => response.destroy());
  }

  /** Subscribes, and calls back for each event. Always rejects: with why the connection is over. */
  follow({ bundle, version, lastEventId, onEvent, signal }: Subscription): Promise<never> {
    const query = new URLSearchParams({
      name: `${basename(process.argv[1] ?? 'node')} ${process.pid}`,
    });
    if (version !== undefined) query.set('version', version);
    const headers = {
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    };
    const path = `/v1/bundles/${encodeURIComponent(bundle)}/events?${query}`;
    return this.#exchange({ path, headers, agent: undefined, signal }, (response) => {
      if (mediaTypeOf(response.headers) !== 'text/event-stream')
        throw new SidecarFault('the sidecar did not send a stream of events');
      return readEvents(response, ({ event: name, data, id }) => {
        const event = readEvent(name, data);
        if (event?.event === 'hello') this.#greet(response, event.data);
        if (event !== undefined) onEvent(event, id);
      });
    });
  }

  /** The files of a version that an event to this subscriber has named. Undefined if the version is over. */
  async version(
    subscriber: string,
    version: Version,
    signal: AbortSignal,
  ): Promise<BundleVersion | undefined> {
    const path = `${pathOf(subscriber)}/versions/${version}`;
    try {
      return await this.#exchange({ path, signal }, async (response) =>
        readContent((await readBody(response, MAX_CONTENT_BYTES)).toString(), version),
      );
    } catch (error) {
      if (error instanceof SidecarFault && error.status === 404) return undefined;
      throw error;
    }
  }

  async acknowledge(subscriber: string, ack: Ack, signal: AbortSignal): Promise<void> {
    await this.#ask({ method: 'POST', path: `${pathOf(subscriber)}/acks`, json: ack, signal });
  }

  /** Resolves with what the sidecar cannot use of the schemas. */
  async setSchemas(
    { subscriber, signal }: Connection,
    schemas: readonly ViewSchema[],
  ): Promise<readonly string[]> {
    const path = `${pathOf(subscriber)}/schemas`;
    const { problems } = await this.#ask({ method: 'PUT', path, json: { schemas }, signal });
    if (!Array.isArray(problems)) return [];
    return problems.filter(isText).map((problem) => truncate(problem, MAX_REASON_LENGTH));
  }

  async leave(subscriber: string, signal: AbortSignal): Promise<void> {
    const request = { method: 'DELETE', path: pathOf(subscriber), signal } as const;
    await this.#exchange(request, async (response) => response.resume());
  }

  /** Ends the connections that are kept. */
  close(): void {
    this.#agent.destroy();
  }

  /** A request with a small object as its answer. */
  #ask(request: HttpRequest) {
    return this.#exchange(request, async (response) =>
      readJsonObject((await readBody(response, MAX_BODY_BYTES)).toString(), 'an answer'),
    );
  }

  async #exchange<T>(
    request: HttpRequest,
    read: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    let response: IncomingMessage | undefined;
    try {
      const headers = { ...request.headers, [HEADER]: String(PROTOCOL_VERSION) };
      response = await sendRequest(this.#socket, { agent: this.#agent, ...request, headers });
      const { statusCode: status = 0 } = response;
      this.#checkProtocol(response);
      if (status < 200 || status > 299) throw await faultOf(response, status);
      return await read(response);
    } catch (error) {
      response?.destroy();
      throw await explainFault(this.#socket, error);
    }
  }

  #checkProtocol({ headers }: IncomingMessage): void {
    const protocol = Number(headers[HEADER]);
    if (!Number.isInteger(protocol))
      throw new SidecarFault(
        `${this.#socket} is the socket of another program: it answers without the header ${HEADER}`,
      );
    const error = protocolError(protocol);
    if (error !== undefined) throw error;
  }

  #greet(
    response: IncomingMessage,
    hello: { readonly protocol: number; readonly heartbeatMs: number },
  ): void {
    const error = protocolError(hello.protocol);
    if (error !== undefined) throw error;
    response.socket.setTimeout(hello.heartbeatMs * MISSED_HEARTBEATS);
  }
}

function pathOf(subscriber: string): string {
  return `/v1/subscribers/${encodeURIComponent(subscriber)}`;
}

/** What the sidecar says in the body of an error, or only its status. */
async function faultOf(response: IncomingMessage, status: number): Promise<SidecarFault> {
  const text = (await readBody(response, MAX_BODY_BYTES)).toString();
  // Its hint is for authors of clients.
  const { message } = readBodyOfError(text);
  const said = isText(message) ? truncate(message, MAX_REASON_LENGTH) : undefined;
  return new SidecarFault(said ?? `the sidecar answered with status ${status}`, { status });
}

function readBodyOfError(text: string) {
  try {
    return readJsonObject(text, 'an error');
  } catch {
    // A proxy or another program wrote it.
    return {};
  }
}
