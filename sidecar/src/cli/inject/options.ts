import type { Mode } from './modes.ts';

/** The flags of `lastgood inject`. */
export interface InjectOptions {
  readonly mode: Mode;
  readonly image: string;
  /** Names of volumes; empty: all that are configuration. */
  readonly volume: readonly string[];
  /** Names of workloads; empty: all that have such a volume. */
  readonly workload: readonly string[];
  readonly webhook: string | undefined;
  /** `PROCESS` or `PROCESS=SIGNAL`. */
  readonly signal: string | undefined;
  /** Of lastgood. */
  readonly version: string;
}
