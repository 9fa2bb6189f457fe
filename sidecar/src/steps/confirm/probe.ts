import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import type { HttpClient } from '../../io/http/request.ts';

/**
 * What a probe sees of the app at one moment. `absent`: nothing responds. `isFinal`: no later
 * observation of this probation can be good. `findings` are warnings.
 */
export type Observation =
  | { readonly type: 'good'; readonly findings?: readonly Finding[] }
  | { readonly type: 'bad'; readonly reason: string; readonly isFinal?: true }
  | { readonly type: 'absent'; readonly reason: string };

export const GOOD: Observation = { type: 'good' };

interface ObserveOptions {
  /** A key for one direction of a rollout: its rollback has another one. */
  readonly rollout: string;
  readonly version: Version;
  /** The content of the version; undefined if lastgood does not read it. */
  readonly snapshot?: Snapshot | undefined;
  /** Of the last good version, which may be older than this proof. */
  readonly isRollback?: boolean;
  /** The first observation of a probation: earlier ones no longer count. */
  readonly isFirst?: boolean;
  readonly signal: AbortSignal;
}

/** One way to check whether the app is healthy and runs on a version. */
export interface Probe {
  /** Never rejects. */
  observe(options: ObserveOptions): Promise<Observation>;
  /**
   * Records what later observations are compared with. Called before the first target of a rollout is
   * notified, or before the snapshot is published if there are no targets; a second call for the same
   * rollout changes nothing. A rollout without a baseline has notified no target, so there is nothing
   * to compare with. Never rejects.
   */
  recordBaseline?(rollout: string): Promise<void>;
}

export interface ProbeOptions {
  readonly client: HttpClient;
  readonly clock: Clock;
  /** The bundle holds secrets, and the output of a command might quote one (P8). */
  readonly sealed: boolean;
  /** For `{dir}` of a command. */
  readonly dir: string;
  /** A target restarts the app, so a new process is expected. */
  readonly restarts: boolean;
  /** Where a probe keeps its baselines; undefined: in memory only. */
  readonly baselinePath: string | undefined;
}
