import type { FormatName } from '@lastgood/core/formats/format.ts';
import type { Snapshot, SnapshotFile, Version } from '@lastgood/core/model/snapshot.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';

/** Which part of a bundle a view shows, and as what. One of `file` and `keys`; neither: all files. */
export interface ViewOptions<Schema extends StandardSchemaV1 | undefined = undefined> {
  /** Path of a file in the bundle: `config.yaml`. */
  readonly file?: string;
  /** Directory of a volume with a file for each key: `db` is `{ username, password }`. `.` is the top. */
  readonly keys?: string;
  /** Default: by the name of the file. */
  readonly format?: FormatName;
  /** zod, valibot, arktype: any Standard Schema. The value is its output. For secret files: `secret(schema)`. */
  readonly schema?: Schema;
}

/** Where the bundle is. Without any: LASTGOOD_SOCKET, LASTGOOD_DIR, then the default socket. */
export interface ConnectOptions<Schema extends StandardSchemaV1 | undefined = undefined>
  extends ViewOptions<Schema> {
  /** Name in lastgood.yaml. */
  readonly bundle?: string;
  /** Socket of the sidecar. Default: `/lastgood/run/sdk.sock`. */
  readonly socket?: string;
  /** Without a sidecar: the volume, or any directory of files. */
  readonly directory?: string;
  /** Without a sidecar: globs of the files and directories whose values are secret. */
  readonly secret?: readonly string[];
  /** For the first good version. Default: 10,000. */
  readonly timeoutMs?: number;
  /** For the schemas, hooks and resources of one later version. Default: 300,000, as models load slowly. */
  readonly prepareTimeoutMs?: number;
  /** Ends the waiting, not the connection. */
  readonly signal?: AbortSignal;
}

/** How current the value is. The value is always a good one. */
export interface State {
  /**
   * `ok`: the newest version. `degraded`: a newer one was rejected or cannot be read. `pending-restart`: a newer
   * one needs a restart. `disconnected`: the sidecar is away.
   */
  readonly status: 'ok' | 'degraded' | 'pending-restart' | 'disconnected';
  readonly since: Date;
  readonly reason?: string;
  readonly rejected?: { readonly version: Version; readonly reasons: readonly string[] };
}

/** What a change has changed: JSON pointers (`/inference/batch_size`) into the value. */
export interface Change {
  readonly version: Version;
  readonly previous: Version;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** A change with the values before and after it. */
export interface ChangeOf<T> extends Change {
  readonly next: T;
  readonly previousValue: T;
}

export interface PrepareContext<T> {
  readonly previous: T;
  readonly version: Version;
  readonly rollout: string;
  /** Aborts if the version is given up, for example for a newer one. */
  readonly signal: AbortSignal;
}

/** What a `prepare` made: taken at `commit`, let go at `abort`. Neither may fail. */
export interface Prepared {
  readonly commit?: () => void;
  readonly abort?: () => void;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing
type Made = Prepared | void;

export type PrepareHook<T> = (next: T, context: PrepareContext<T>) => Made | Promise<Made>;

/** What it returns is ignored; a promise is awaited. */
export type Listener<T> = (next: T, previous: T, change: Change) => unknown;

/** Ends a subscription. Twice is harmless. */
export type Unsubscribe = () => void;

/** A typed, deeply frozen part of a bundle, always of the active version. */
export interface View<T> {
  readonly current: T;
  readonly version: Version;
  /**
   * Called after each commit that changes the value, in order, one at a time. With `select` only if that part
   * has changed. Changes during an asynchronous call join into one.
   */
  onChange(
    listener: Listener<T>,
    options?: { readonly select?: (value: T) => unknown },
  ): Unsubscribe;
  /** A throw rejects the version, everywhere. Must not wait for `resource` or `reload`, which wait for it. */
  prepare(hook: PrepareHook<T>): Unsubscribe;
  /** Parts that cannot change in a running process. */
  needsRestart(select: (value: T) => readonly unknown[]): Unsubscribe;
  /** Each change from now on; a slow reader gets the newest. Ends with the signal or at close. */
  changes(options?: { readonly signal?: AbortSignal }): AsyncIterableIterator<ChangeOf<T>>;
  /**
   * Something that is opened for a part of the value, and replaced when it changes. Waits for the outcome of a
   * version in progress: a hook of `prepare` that waits for it would wait for itself.
   */
  resource<Part, Opened>(options: ResourceOptions<T, Part, Opened>): Promise<Resource<Opened>>;
}

export interface Config<T> extends View<T> {
  readonly state: State;
  onState(listener: (state: State) => void): Unsubscribe;
  /**
   * Looks for a newer version now: on SIGHUP, or where no watch works. Resolves with the state once the app
   * runs on the newest version or has refused it. Never rejects.
   */
  reload(): Promise<State>;
  /**
   * Another part of the same bundle. All views change in one synchronous step. The same options give the same
   * view: keep the schema in a variable, or each call makes a view that lasts until close. Rejects with a
   * `ConfigError`.
   */
  view<Schema extends StandardSchemaV1 | undefined = undefined>(
    options: ViewOptions<Schema>,
  ): Promise<View<ValueOf<Schema>>>;
  /** All files of the active version. */
  snapshot(): BundleSnapshot;
  /** Everything that `fn` and all that it awaits reads is of one version. */
  run<R>(fn: () => R): R;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface BundleSnapshot extends Pick<Snapshot, 'version'> {
  readonly files: readonly Pick<SnapshotFile, 'path' | 'secret'>[];
  bytes(path: string): Uint8Array | undefined;
  text(path: string): string | undefined;
}

export type ValueOf<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : unknown;

export interface ResourceOptions<T, Part, Opened> {
  /** The part that it depends on, compared by its content; an instance of a class by its `equals`. */
  readonly select: (value: T) => Part;
  /** Opens it for a version that is not active yet. A throw rejects the version, everywhere. */
  readonly open: (
    part: Part,
    context: { readonly signal: AbortSignal },
  ) => Opened | Promise<Opened>;
  /** After the last user has let go, or at the deadline. */
  readonly close?: (opened: Opened) => unknown;
  /**
   * A throw rejects the version, everywhere. Called after `open`; with `replace` before the old one is closed.
   */
  readonly check?: (part: Part, context: { readonly signal: AbortSignal }) => void | Promise<void>;
  /** `beside`: open the new one, then close the old one. `replace`: for what does not fit twice. */
  readonly swap?: 'beside' | 'replace';
  /**
   * After so long the old one is closed even if it has users, which is reported; `close` has the same time
   * again. Also when the bundle is closed. Default: 30,000.
   */
  readonly drainMs?: number;
  /** With `replace`, users wait so long while none is open, then get `LG_SDK_RESOURCE_TIMEOUT`. Default: 60,000. */
  readonly waitMs?: number;
}

export interface Resource<Opened> {
  /**
   * `fn` has one and the same `opened` from start to end. Pass it on rather than call `use` within `fn`: with
   * `replace`, the inner call waits for the new one, which waits for `fn`.
   */
  use<R>(fn: (opened: Opened) => R | Promise<R>): Promise<R>;
  /** The same as a lease: for streams and sockets. */
  acquire(options?: { readonly signal?: AbortSignal }): Promise<Lease<Opened>>;
  /** What is open, with its users, and how many old ones wait for theirs. */
  stats(): { readonly open: number; readonly inUse: number; readonly draining: number };
}

export interface Lease<Opened> extends Disposable {
  readonly value: Opened;
  release(): void;
}
