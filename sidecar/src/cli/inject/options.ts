import type { Mode } from './modes.ts';
import type { OwnSettings } from './own-settings.ts';

/** The flags of `lastgood inject`. */
export interface InjectOptions {
  readonly mode: Mode;
  readonly image: string;
  /** Replaces an image that a person has edited. */
  readonly isImageSet?: boolean;
  /** The file of `--settings`. */
  readonly settings?: OwnSettings | undefined;
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
