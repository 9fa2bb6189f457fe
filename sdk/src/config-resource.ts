/** Something that an app opens for a part of its configuration. */

/** The options of a resource: the part that it depends on, and how to open, check and close it. */
export interface ResourceOptions<T, Part, Opened> {
  /**
   * The part of the value that it depends on, compared by content; an instance of a class by its `equals`. If the part
   * stays the same, so does the resource.
   */
  readonly select: (value: T) => Part;
  /**
   * Opens it for a version that is not active yet. A throw refuses the version, as in a `prepare` hook. The signal
   * aborts if the version is given up.
   */
  readonly open: (
    part: Part,
    context: { readonly signal: AbortSignal },
  ) => Opened | Promise<Opened>;
  /** Closes it after its last user has finished, or after `drainMs`. An error is reported, and has no other effect. */
  readonly close?: (opened: Opened) => unknown;
  /**
   * Checks the part of a version that is not active yet. A throw refuses the version. With `beside`, the SDK calls it
   * after `open`, and closes the new one if it throws; with `replace`, before all else, while the old one is open.
   */
  readonly check?: (part: Part, context: { readonly signal: AbortSignal }) => void | Promise<void>;
  /**
   * The order of a change. `beside`: opens the new one, calls `check`, gives the new one to users, drains and closes the
   * old one. `replace`, for what does not fit twice: calls `check`, drains and closes the old one, opens the new one; if
   * that fails, opens the old one again. Default: `beside`.
   */
  readonly swap?: 'beside' | 'replace';
  /**
   * Milliseconds after which an old one is closed even if it has users, which is reported; `close` has the same time
   * again. Also when the connection closes. Default: 30,000.
   */
  readonly drainMs?: number;
  /** With `replace`: milliseconds that users wait while none is open, before `LG_SDK_RESOURCE_TIMEOUT`. Default: 60,000. */
  readonly waitMs?: number;
}

/** Something that is open for a part of the configuration, and swapped when that part changes. */
export interface Resource<Opened> {
  /**
   * Calls `fn` with what is open, and returns its result. `fn` has one and the same `opened` from start to end. Rejects
   * with the error of `fn`, or with a {@link ConfigError}: `LG_SDK_RESOURCE_TIMEOUT` after `waitMs`, `LG_SDK_CLOSED`.
   * Pass `opened` on rather than call `use` within `fn`: with `replace`, the inner call waits for the new one, which
   * waits for `fn`.
   */
  use<R>(fn: (opened: Opened) => R | Promise<R>): Promise<R>;
  /**
   * The same as a lease, for streams and sockets. Release it, or the old one stays open until `drainMs`. Rejects as
   * `use` does, and with the reason of the signal.
   */
  acquire(options?: { readonly signal?: AbortSignal }): Promise<Lease<Opened>>;
  /** Counts: what is `open`, the users of all of them (`inUse`), and the old ones that wait for theirs (`draining`). */
  stats(): { readonly open: number; readonly inUse: number; readonly draining: number };
}

/** A use of a resource that `acquire` has begun. `using` releases it at the end of the block. */
export interface Lease<Opened> extends Disposable {
  /** What was open at `acquire`. It stays open until `release`, at most for `drainMs` after a change. */
  readonly value: Opened;
  /** Ends the use. A second call does nothing. */
  release(): void;
}
