import type { Step } from './steps.ts';

export interface ErrorEntry {
  /** The step that reports it; `settings`, `serve`, `sdk` and `doctor` are not steps of the pipeline. */
  readonly step: Step | 'settings' | 'serve' | 'sdk' | 'doctor';
  /** Format string for `node:util`, used by `findingOf` and `LastgoodError`. */
  readonly message: string;
  /** What the reader can do. */
  readonly hint: string;
}

/** The codes of one step: message, then hint. */
export function ofStep<Codes extends string>(
  step: ErrorEntry['step'],
  table: Record<Codes, readonly [message: string, hint: string]>,
): Record<Codes, ErrorEntry> {
  const entries = Object.entries<readonly [string, string]>(table);
  return Object.fromEntries(
    entries.map(([code, [message, hint]]) => [code, { step, message, hint }]),
  ) as Record<Codes, ErrorEntry>;
}
