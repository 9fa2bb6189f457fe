import type { IncomingMessage } from 'node:http';
import {
  type BundleList,
  PROTOCOL_VERSION,
  type ProtocolEvent,
} from '@lastgood/core/model/sdk-protocol.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Session, SubscribeRequest, SubscriberBundle } from '../subscription.ts';
import { contentOf } from './content.ts';
import { EventConnection } from './event-connection.ts';
import { badRequest, notFound, Problem, toLine } from './problem.ts';
import { createBodyReader, readAck, readSchemas, readVersion, toOneLine } from './request-body.ts';

const MAX_ACK_BYTES = 64 * 2 ** 10;
const MAX_SCHEMAS_BYTES = 256 * 2 ** 10;

/** Characters of the name that a subscriber gives itself. */
const MAX_NAME = 100;

export interface Api {
  readonly bundles: readonly SubscriberBundle[];
  readonly others: readonly string[];
  readonly program: string;
  readonly heartbeatMs: number;
  /** Those that are open. */
  readonly connections: Set<EventConnection>;
}

/** Adds each request of the protocol. `docs/protocol.openapi.yaml` has the same ones. */
export function addRoutes(app: FastifyInstance, api: Api): void {
  app.get('/v1/bundles', (_request, reply) => sendJson(reply, listBundles(api)));
  app.get<OfBundle>('/v1/bundles/:bundle', (request, reply) => {
    const { name, active } = findBundle(api, request.params.bundle);
    return sendOnce(request, reply, activeOf(name, active), (snapshot) =>
      sendContent(reply, name, snapshot),
    );
  });
  app.get<OfFile>('/v1/bundles/:bundle/files/*', (request, reply) => {
    const { name, active } = findBundle(api, request.params.bundle);
    return sendOnce(request, reply, activeOf(name, active), ({ files }) => {
      const file = files.find(({ path }) => path === request.params['*']);
      if (file === undefined) throw notFound(`file ${request.params['*']} in the bundle ${name}`);
      return reply.type('application/octet-stream').send(file.bytes);
    });
  });
  app.get<OfBundle>('/v1/bundles/:bundle/events', (request, reply) =>
    subscribe(api, findBundle(api, request.params.bundle), request, reply),
  );
  app.get<OfVersion>('/v1/subscribers/:subscriber/versions/:version', (request, reply) => {
    const { bundle, session } = findSession(api, request.params.subscriber);
    const version = readVersion(request.params.version, 'the version');
    const snapshot = session.content(version);
    if (snapshot === undefined) throw notFound(`version ${version} for this subscriber now`);
    return sendContent(reply, bundle.name, snapshot);
  });
  const withAck = createBodyReader(MAX_ACK_BYTES);
  app.post<OfSubscriber>('/v1/subscribers/:subscriber/acks', async ({ params, body }, reply) => {
    const answer = await withAck(body, (text) => {
      const { session } = findSession(api, params.subscriber);
      return { counted: session.ack(readAck(text)) };
    });
    return sendJson(reply, answer);
  });
  const withSchemas = createBodyReader(MAX_SCHEMAS_BYTES);
  app.put<OfSubscriber>('/v1/subscribers/:subscriber/schemas', async ({ params, body }, reply) => {
    const problems = await withSchemas(body, (text) => {
      const { session } = findSession(api, params.subscriber);
      return session.setSchemas(readSchemas(text));
    });
    return sendJson(reply, { problems });
  });
  app.delete<OfSubscriber>('/v1/subscribers/:subscriber', (request, reply) => {
    findSession(api, request.params.subscriber).session.leave();
    return reply.code(204).send();
  });
}

interface OfBundle {
  Params: { bundle: string };
  Querystring: Record<string, unknown>;
}

interface OfFile {
  Params: { bundle: string; '*': string };
}

interface OfSubscriber {
  Params: { subscriber: string };
  /** As the parser of the server leaves it. */
  Body: IncomingMessage | undefined;
}

interface OfVersion {
  Params: { subscriber: string; version: string };
}

function listBundles({ bundles, program }: Api): BundleList {
  return {
    protocol: PROTOCOL_VERSION,
    lastgood: program,
    bundles: bundles.map(({ name, active }) => ({
      bundle: name,
      version: active()?.version ?? null,
    })),
  };
}

function findBundle({ bundles, others }: Api, name: string): SubscriberBundle {
  const bundle = bundles.find((each) => each.name === name);
  if (bundle !== undefined) return bundle;
  if (others.includes(name)) throw notFound(`subscribers target in the bundle ${name}`);
  throw notFound(`bundle ${name}`);
}

function activeOf(name: string, active: SubscriberBundle['active']): Snapshot {
  const snapshot = active();
  if (snapshot === undefined) throw new Problem(503, 'LG_SDK_NOT_READY', name);
  return snapshot;
}

function findSession({ bundles }: Api, id: string): { bundle: SubscriberBundle; session: Session } {
  for (const bundle of bundles) {
    const session = bundle.session(id);
    if (session !== undefined) return { bundle, session };
  }
  throw new Problem(404, 'LG_SDK_UNKNOWN_SUBSCRIBER', id);
}

/** Sends no body to a client that has the version already. */
function sendOnce(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  snapshot: Snapshot,
  send: (snapshot: Snapshot) => FastifyReply,
): FastifyReply {
  const tag = `"${snapshot.version}"`;
  const known = headers['if-none-match']?.split(',').map((each) => each.trim().replace(/^W\//, ''));
  reply.header('etag', tag);
  if (known?.some((each) => each === tag || each === '*')) return reply.code(304).send();
  return send(snapshot);
}

function sendContent(reply: FastifyReply, bundle: string, snapshot: Snapshot): FastifyReply {
  return reply.type('application/json').send(contentOf(bundle, snapshot));
}

function sendJson(reply: FastifyReply, body: object): FastifyReply {
  return reply.type('application/json').send(toLine(body));
}

function subscribe(
  { program, heartbeatMs, connections }: Api,
  bundle: SubscriberBundle,
  { headers, query }: FastifyRequest<OfBundle>,
  reply: FastifyReply,
): FastifyReply {
  const resumed = /^([\w-]{1,64})\.(\d{1,15})$/.exec(String(headers['last-event-id'] ?? ''));
  let session: Session | null = null;
  const connection = new EventConnection(reply.raw, {
    heartbeatMs,
    onEnd: () => session?.disconnected(connection),
  });
  session = bundle.subscribe(readSubscription(query, resumed?.[1]), connection);
  if (session === null) throw new Problem(503, 'LG_SDK_TOO_MANY', bundle.name);
  const { id } = session;
  connections.add(connection);
  connection.ended.then(() => connections.delete(connection));
  reply.hijack();
  const hello: ProtocolEvent = {
    event: 'hello',
    data: {
      subscriber: id,
      protocol: PROTOCOL_VERSION,
      lastgood: program,
      bundle: bundle.name,
      heartbeatMs,
    },
  };
  connection.open(id, hello, resumed?.[1] === id ? Number(resumed[2]) + 1 : 1);
  return reply;
}

function readSubscription(
  { version, name }: Record<string, unknown>,
  resume: string | undefined,
): SubscribeRequest {
  if (name !== undefined && typeof name !== 'string') throw badRequest('name must be one text');
  return {
    ...(resume === undefined ? {} : { resume }),
    ...(version === undefined ? {} : { version: readVersion(version, 'version') }),
    ...(name === undefined ? {} : { name: toOneLine(name.slice(0, MAX_NAME)) }),
  };
}
