import type { FormatName } from '@lastgood/core/formats/format.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Resource, ResourceOptions } from './config-resource.ts';

/**
 * Which part of a bundle a view shows, and as what. Give `file` or `keys`; without both, the value has all files, by
 * their paths.
 */
export interface ViewOptions<Schema extends StandardSchemaV1 | undefined = undefined> {
  /** Path of a file in the bundle: `config.yaml`. The value is its content. */
  readonly file?: string;
  /** Directory of a volume with a file for each key: `db` is `{ username, password }`. `.` is the top. */
  readonly keys?: string;
  /** How to parse the files. Default: by the name of each file. */
  readonly format?: FormatName;
  /**
   * A schema of zod, valibot, arktype or any other library with Standard Schema. The value is its output; without a
   * schema, it is `unknown`. For secret files: `secret(schema)`.
   */
  readonly schema?: Schema;
}

/**
 * Where the bundle is, and which part of it to read. Without `socket` and `directory`, the environment decides:
 * `LASTGOOD_SOCKET`, then `LASTGOOD_DIR`, then the default socket.
 */
export interface ConnectOptions<Schema extends StandardSchemaV1 | undefined = undefined>
  extends ViewOptions<Schema> {
  /** Name of the bundle in lastgood.yaml. Default: the only one that has a `subscribers` target. */
  readonly bundle?: string;
  /** Path of the socket of the sidecar. Default: `/lastgood/run/sdk.sock`. */
  readonly socket?: string;
  /**
   * Without a sidecar: path of the volume, or of any directory of files. Relative to the working directory of the
   * process.
   */
  readonly directory?: string;
  /**
   * Without a sidecar: globs of the files and directories whose values are secret, relative to `directory`: `db/**`.
   * Default: none.
   */
  readonly secret?: readonly string[];
  /** Milliseconds until `connect` rejects with `LG_SDK_TIMEOUT`, if there is no good version. Default: 10,000. */
  readonly timeoutMs?: number;
  /**
   * Milliseconds for the schemas, hooks and resources of one later version, which is refused after that. Default:
   * 300,000, as models load slowly.
   */
  readonly prepareTimeoutMs?: number;
  /** Ends the waiting: `connect` rejects with `LG_SDK_ABORTED`. Has no effect on a connection. */
  readonly signal?: AbortSignal;
}

/** How current the value is. The value is a good one in every state. */
export interface State {
  /**
   * `ok`: the newest version. `degraded`: a newer one was rejected or cannot be read. `pending-restart`: a newer
   * one needs a restart. `disconnected`: the sidecar is away.
   */
  readonly status: 'ok' | 'degraded' | 'pending-restart' | 'disconnected';
  /** When the status became what it is. A new reason for the same status does not change it. */
  readonly since: Date;
  /** Why the status is not `ok`. Left out if it is. */
  readonly reason?: string;
  /** The newest version that was refused, and all reasons. */
  readonly rejected?: { readonly version: Version; readonly reasons: readonly string[] };
}

/**
 * The difference that a change makes, as JSON pointers (`/inference/batch_size`) to the highest places that differ: a
 * new object is one pointer, not one for each key. The empty pointer is the whole value. Source: RFC 6901.
 */
export interface Change {
  /** The version that is active now. */
  readonly version: Version;
  /** The version before it. */
  readonly previous: Version;
  /** Pointers into the new value, to parts that the previous one does not have. */
  readonly added: readonly string[];
  /** Pointers into the previous value, to parts that the new one does not have. */
  readonly removed: readonly string[];
  /** Pointers to the parts that both have and that differ. */
  readonly changed: readonly string[];
}

/** A change with the values before and after it. */
export interface ChangeOf<T> extends Change {
  /** The value of `version`. */
  readonly next: T;
  /** The value of `previous`. */
  readonly previousValue: T;
}

/** The second argument of a `prepare` hook. */
export interface PrepareContext<T> {
  /** The value that the app runs on. */
  readonly previous: T;
  /** The version to prepare. */
  readonly version: Version;
  /** Id of the rollout. A version that comes again has another one. */
  readonly rollout: string;
  /** Aborts if the version is given up, for example for a newer one, and after `prepareTimeoutMs`. */
  readonly signal: AbortSignal;
}

/** The result of a `prepare` hook that has made something for the version. The SDK calls one of both, once. */
export interface Prepared {
  /** Takes it, in the step in which all values change. Synchronous. Must not throw: it is too late to refuse. */
  readonly commit?: () => void;
  /** Drops it: another hook has refused the version, or it was given up. Synchronous. Must not throw. */
  readonly abort?: () => void;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing
type Made = Prepared | void;

/** Called with the value of a version before it is active. A throw or a rejection refuses the version. */
export type PrepareHook<T> = (next: T, context: PrepareContext<T>) => Made | Promise<Made>;

/**
 * Called after a change with the new value, the one before it, and the difference. The result is ignored, except
 * that a promise is awaited before the next call. An error is reported, and hurts no other listener.
 */
export type Listener<T> = (next: T, previous: T, change: Change) => unknown;

/** Ends a subscription at once. A second call does nothing. */
export type Unsubscribe = () => void;

/** A typed, deeply frozen part of a bundle, always of the active version. After close it keeps the last value. */
export interface View<T> {
  /** The value of the active version, or within `run` that of its version. Reading it costs as much as a property. */
  readonly current: T;
  /** The version that `current` is of. */
  readonly version: Version;
  /**
   * Calls the listener after each commit that changes the value, in order, one at a time. With `select`, only if that
   * part of the value has changed, compared by content. Changes during an asynchronous call join into one.
   *
   * @example
   * ```ts
   * config.onChange((next, previous, { changed }) => console.log(changed), {
   *   select: (value) => value.batch_size,
   * });
   * ```
   */
  onChange(
    listener: Listener<T>,
    options?: { readonly select?: (value: T) => unknown },
  ): Unsubscribe;
  /**
   * Calls the hook with the value of each later version, also if this view stays the same, before the version is active.
   * A throw refuses the version: for this process, and with a sidecar for all of them. The hook must not wait for
   * `resource` or `reload`, which wait for it.
   *
   * @example
   * ```ts
   * config.prepare(async (next, { signal }) => {
   *   const response = await fetch(`https://models/${next.model}`, { method: 'HEAD', signal });
   *   if (!response.ok) throw new Error(`there is no model ${next.model}`);
   * });
   * ```
   */
  prepare(hook: PrepareHook<T>): Unsubscribe;
  /**
   * Names parts that cannot change in a running process. A version in which one of them differs, compared by content,
   * is not taken: the bundle's `restart` target restarts the app, or the state is `pending-restart` until then.
   *
   * @example
   * ```ts
   * config.needsRestart(({ model }) => [model]);
   * ```
   */
  needsRestart(select: (value: T) => readonly unknown[]): Unsubscribe;
  /**
   * Iterates over the changes from now on. A reader that is slow gets one change to the newest value. Ends when the
   * signal aborts or the connection closes, and does not throw then.
   *
   * @example
   * ```ts
   * for await (const { next, changed } of config.changes({ signal: AbortSignal.timeout(60_000) }))
   *   console.log(changed, next.batch_size);
   * ```
   */
  changes(options?: { readonly signal?: AbortSignal }): AsyncIterableIterator<ChangeOf<T>>;
  /**
   * Opens something for a part of the value, and swaps it when that part changes. Rejects with the error of `open` or
   * `check`, and with a {@link ConfigError} (`LG_SDK_CLOSED`) after close. Waits for the outcome of a version in
   * progress: a hook of `prepare` that waits for it would wait for itself.
   *
   * @example
   * ```ts
   * const models = await config.resource({
   *   select: ({ model }) => model,
   *   open: async (name, { signal }) => {
   *     const response = await fetch(`https://models/${name}`, { signal });
   *     return response.arrayBuffer();
   *   },
   *   close: () => console.log('released'),
   * });
   * console.log(await models.use((model) => model.byteLength));
   * ```
   */
  resource<Part, Opened>(options: ResourceOptions<T, Part, Opened>): Promise<Resource<Opened>>;
}

/** The result of `connect`: the view that its options describe, and the bundle as a whole. */
export interface Config<T> extends View<T> {
  /** How current the value is, since when, and why. */
  readonly state: State;
  /** Calls the listener each time that `state` changes, and not for the state as it is now. */
  onState(listener: (state: State) => void): Unsubscribe;
  /**
   * Looks for a newer version now: on SIGHUP, or where no watch works. Resolves with the state once the app
   * runs on the newest version or has refused it. Never rejects.
   */
  reload(): Promise<State>;
  /**
   * Shows another part of the same bundle. All views change in one synchronous step. The same options give the same
   * view: keep the schema in a variable, or each call makes a view that lasts until close. Rejects with a
   * {@link ConfigError} if the active version does not fit (`LG_SDK_INVALID`), if an option is wrong (`LG_SDK_OPTION`),
   * and after close (`LG_SDK_CLOSED`).
   *
   * @example
   * ```ts
   * const limits = await config.view({ file: 'limits.json', schema: z.record(z.string(), z.number()) });
   * console.log(limits.current.requests);
   * ```
   */
  view<Schema extends StandardSchemaV1 | undefined = undefined>(
    options: ViewOptions<Schema>,
  ): Promise<View<ValueOf<Schema>>>;
  /** All files of the active version, or within `run` of its version, as bytes and text. Secret ones too. */
  snapshot(): BundleSnapshot;
  /**
   * Calls `fn` and returns its result. All that `fn` reads, and all that it awaits, is of the version that is active
   * when it starts, in every view.
   *
   * @example
   * ```ts
   * const first = await config.run(async () => {
   *   const { model } = config.current;
   *   await fetch(`https://models/${model}`);
   *   return config.current.model === model;
   * });
   * console.log(first); // true
   * ```
   */
  run<R>(fn: () => R): R;
  /**
   * Ends the connection, calls no listener or hook any more, and closes all resources once their users have finished or
   * after `drainMs`. `current` keeps its value. A second call waits for the first. Never rejects.
   */
  close(): Promise<void>;
  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** All files of one version. It never changes. */
export interface BundleSnapshot {
  /** The version that has these files. */
  readonly version: Version;
  /** Each file with its path in the bundle (`config.yaml`, `db/password`), and whether its values are secret. */
  readonly files: readonly { readonly path: string; readonly secret: boolean }[];
  /** A copy of the content of a file; undefined if there is no such file. */
  bytes(path: string): Uint8Array | undefined;
  /** The content of a file, decoded as UTF-8; undefined if there is no such file. */
  text(path: string): string | undefined;
}

/** The type of the values of a view: the output of its schema, or `unknown` without one. */
export type ValueOf<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : unknown;
