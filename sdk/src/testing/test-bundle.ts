import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Config, ConnectOptions, Resource, ValueOf } from '../config.ts';
import type { Answer } from '../provider.ts';
import type { TestFiles } from './content.ts';

/** As for `connect`, without where the bundle is. */
export type TestConnectOptions<Schema extends StandardSchemaV1 | undefined = undefined> = Omit<
  ConnectOptions<Schema>,
  'socket' | 'directory' | 'secret'
>;

/** What became of a version. */
export interface PushResult {
  readonly verdict: Answer['verdict'];
  /** Why it is not active. Empty if it is. */
  readonly reasons: readonly string[];
  readonly version: Version;
  /** Of all resources together, right after the verdict. */
  readonly resources: ReturnType<Resource<unknown>['stats']>;
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
  /** Goes back to the version before, as lastgood does if the app fails on the new one. */
  rollback(reason?: string): Promise<PushResult>;
  /** The next version is refused, but not by the app: after the app has accepted it, it is aborted. */
  rejectNext(reason?: string): void;
  /** The next version is prepared, then waits until the test calls the returned function, or a newer one comes. */
  holdNext(): () => void;
  /** The state of the app becomes `disconnected`. It keeps its value. */
  disconnect(reason?: string): void;
  reconnect(): void;
  /** Throws if a user of a resource has not let go. */
  expectNoLeases(): void;
  /** Closes all that is connected. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
