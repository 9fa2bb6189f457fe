import type { Finding } from '@lastgood/core/model/finding.ts';

/** How a command ended that looks at things and changes no pod. */
export interface CommandResult {
  /** `unusable`: wrong usage, wrong settings, or something that cannot be read or written. */
  readonly end: 'good' | 'bad' | 'unusable';
  /** For standard output. */
  readonly output: string;
  /** For standard error: why it did not do what it was asked for. */
  readonly findings: readonly Finding[];
  /** For standard error: what it left out, whatever the end. */
  readonly notes?: readonly string[];
}
