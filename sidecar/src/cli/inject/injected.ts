import type { Finding } from '@lastgood/core/model/finding.ts';

/** A stream with lastgood in it, or without it, or why that is not possible. */
export interface Injected {
  readonly text: string;
  /** Why the text must not be used. Empty if it may. */
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  /** Why nothing was injected here. It counts if nothing was injected in any other file. */
  readonly idle?: readonly Finding[];
  /** Flags with a name that is not in this file. */
  readonly unused?: readonly string[];
}
