import type { Ack, ProtocolEvent, SubscriberSchema } from '@lastgood/core/model/sdk-protocol.ts';
import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';

/** A bundle with a `subscribers` target, as the server of the socket sees it. */
export interface SubscriberBundle {
  readonly name: string;
  readonly active: () => Snapshot | undefined;
  /** Null: there are too many. */
  subscribe(request: SubscribeRequest, connection: Connection): Session | null;
  /** Undefined: unknown, has left, or did not come back in time. Ids are unique over all bundles. */
  session(id: string): Session | undefined;
}

export interface SubscribeRequest {
  /** The subscriber that reconnects, by its `Last-Event-ID`. */
  readonly resume?: string;
  /** What the process runs on already. Left out by a process that starts. */
  readonly version?: Version;
  /** For people only. */
  readonly name?: string;
}

/** Sends events to one process. The server itself sends `hello` before the first one. */
export interface Connection {
  /** Never blocks and never throws. For a slow reader, only the newest of several `state` is kept. */
  send(event: ProtocolEvent): void;
  close(): void;
}

/** One process that subscribes. It may outlive a connection by a few seconds. */
export interface Session {
  readonly id: string;
  /** Of a version that an event to this subscriber named, and that is not over. */
  content(version: Version): Snapshot | undefined;
  /** Returns whether it counted: one that is late or double does not. */
  ack(ack: Ack): boolean;
  /** Replaces the schemas of this subscriber. Resolves with problems with them. Never rejects. */
  setSchemas(schemas: readonly SubscriberSchema[]): Promise<readonly string[]>;
  /** The subscriber ends on purpose, and no longer counts. */
  leave(): void;
  /** The connection has ended without `close`. */
  disconnected(connection: Connection): void;
}

/** Keeps the schemas of subscribers, which later candidates are validated against. */
export interface SchemaKeeper {
  /**
   * Replaces the schemas of a subscriber. Resolves with why some of them cannot be used, which is harmless.
   * Never rejects.
   */
  set(
    subscriber: { readonly id: string; readonly name: string | undefined },
    schemas: readonly SubscriberSchema[],
  ): Promise<readonly string[]>;
  /** The subscriber is over. */
  delete(id: string): void;
}
