import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Config, ConnectOptions, ValueOf } from '../config.ts';
import type { TestFiles } from './content.ts';

/** The options of `connect`, except those that say where the bundle is. */
export type TestConnectOptions<Schema extends StandardSchemaV1 | undefined = undefined> = Omit<
  ConnectOptions<Schema>,
  'socket' | 'directory' | 'secret'
>;

/** The outcome of a version. */
export interface PushResult {
  /** `accept`: it is active. `reject`: it was refused, by the app or the test. `restart`: the app needs a restart for it. */
  readonly verdict: 'accept' | 'reject' | 'restart';
  /** Why it is not active. Empty if it is. */
  readonly reasons: readonly string[];
  /** The version of the files, active or not. */
  readonly version: Version;
  /** The counts of all resources together, right after the verdict. */
  readonly resources: { readonly open: number; readonly inUse: number; readonly draining: number };
}

/**
 * A bundle in memory. A version comes only when the test says so, and nothing here waits for a clock, so fake
 * timers do no harm. Throws plain errors, which suit any test runner.
 */
export interface TestBundle {
  /** The same as `connect`. Each call is one more app: all of them accept a version, or none gets it. */
  connect<Schema extends StandardSchemaV1 | undefined = undefined>(
    options?: TestConnectOptions<Schema>,
  ): Promise<Config<ValueOf<Schema>>>;
  /** Changes these files of the active version; others stay. Resolves once the version is active or given up. */
  push(files: TestFiles): Promise<PushResult>;
  /**
   * Goes back to the version before, as lastgood does if the app fails on the new one. Rejects if there is none before.
   */
  rollback(reason?: string): Promise<PushResult>;
  /** The next version is refused, but not by the app: after the app has accepted it, it is aborted. */
  rejectNext(reason?: string): void;
  /** The next version is prepared, then waits until the test calls the returned function, or a newer one comes. */
  holdNext(): () => void;
  /**
   * The state of the app becomes `disconnected`, with this reason. The app keeps its value, and a version in progress is
   * given up. Until `reconnect`, `push` and `rollback` reject, and `connect` waits.
   */
  disconnect(reason?: string): void;
  /** The state becomes what it was before `disconnect`. */
  reconnect(): void;
  /** Throws if a user of a resource has not let go. */
  expectNoLeases(): void;
  /** Closes every `Config` of this bundle, with its resources. */
  close(): Promise<void>;
  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
