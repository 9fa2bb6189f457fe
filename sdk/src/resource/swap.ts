import type { Prepared } from '../config.ts';

/** How one that is open makes place for another. */
export interface Swap<Part> {
  /** Opens the first one. Rejects if it cannot be used. */
  start(part: Part, signal: AbortSignal): Promise<void>;
  /** Rejects to veto the version. */
  prepare(part: Part, signal: AbortSignal): Promise<Prepared | undefined>;
  /** Starts nothing from now on. */
  end(): void;
}
