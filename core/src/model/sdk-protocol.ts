/**
 * The JSON between the sidecar and the processes that subscribe over its socket.
 * Source: docs/protocol.md.
 */
import type { ReloadReason } from './reload-event.ts';
import type { Version } from './snapshot.ts';

/** The value of the header `Lastgood-Protocol`, which goes up with each change that breaks a client. */
export const PROTOCOL_VERSION = 1;

/** What the sidecar sends, in the order of its `data` fields. A reader ignores events and fields that it does not know. */
export type ProtocolEvent =
  | {
      /** First on each connection. */
      readonly event: 'hello';
      readonly data: {
        /** Names this process in requests, and in `Last-Event-ID` after a disconnect. */
        readonly subscriber: string;
        readonly protocol: number;
        /** The version of the program. */
        readonly lastgood: string;
        readonly bundle: string;
        /** The connection is dead if nothing has arrived for two and a half times as long. */
        readonly heartbeatMs: number;
      };
    }
  /** The version to be on now. A process that runs on another one takes it at once. */
  | { readonly event: 'start'; readonly data: { readonly version: Version } }
  | {
      readonly event: 'prepare';
      readonly data: {
        readonly rollout: string;
        readonly version: Version;
        readonly previous: Version | null;
        readonly reason: Exclude<ReloadReason, 'rollback'>;
        /** Paths that were added, removed or changed since `previous`. */
        readonly changed: readonly string[];
        /** An answer that takes longer counts as none. */
        readonly timeoutMs: number;
      };
    }
  /** The subscriber switches to what it has prepared. */
  | {
      readonly event: 'commit';
      readonly data: { readonly rollout: string; readonly version: Version };
    }
  /** The subscriber lets go of what it has prepared. */
  | {
      readonly event: 'abort';
      readonly data: {
        readonly rollout: string;
        readonly version: Version;
        readonly reason: string;
      };
    }
  /** `version` is the last good one, to take at once. */
  | {
      readonly event: 'rollback';
      readonly data: {
        readonly rollout: string;
        readonly version: Version;
        readonly reason: string;
      };
    }
  | { readonly event: 'state'; readonly data: BundleState };

/** How the bundle is, for people and for health checks of the app. */
export interface BundleState {
  readonly status: 'ok' | 'degraded' | 'pending-restart';
  readonly reason?: string;
  /** The newest version that was rejected. */
  readonly rejected?: { readonly version: Version; readonly reasons: readonly string[] };
}

/** The answer to an event. */
export interface Ack {
  readonly event: 'start' | 'prepare' | 'commit' | 'rollback';
  /** Of the event; `start` has none. */
  readonly rollout?: string;
  readonly version: Version;
  /** `restart`: this part cannot change in a running process. */
  readonly verdict: 'accept' | 'reject' | 'restart';
  readonly reasons?: readonly string[];
}

/** The body of `GET /v1/bundles`. */
export interface BundleList {
  readonly protocol: number;
  readonly lastgood: string;
  readonly bundles: readonly { readonly bundle: string; readonly version: Version | null }[];
}

/** The body of a response with all files of one version. */
export interface BundleContent {
  readonly bundle: string;
  readonly version: Version;
  readonly files: readonly {
    readonly path: string;
    /** Permission bits only. */
    readonly mode: number;
    readonly secret: boolean;
    /** Base64. */
    readonly content: string;
  }[];
}

/** A JSON Schema of the app for a view: a file, a directory of keys, or without both all files by their paths. */
export interface SubscriberSchema {
  /** Path of a file in the bundle. */
  readonly file?: string;
  /** Directory with a file for each key; `.` is the top. */
  readonly keys?: string;
  /** How the app reads the file. Default: by its name. */
  readonly format?: string;
  /** What the app takes from the file: texts that it converts itself are texts here. */
  readonly schema: unknown;
}

/** The body of each response that is not a success. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}
