import type { Finding } from '@lastgood/core/model/finding.ts';

/** A stream with lastgood in it, or without it, or why that is not possible. */
export interface Injected {
  readonly text: string;
  /** Why the text must not be used. Empty if it may. */
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}
