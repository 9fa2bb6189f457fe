import type { Process } from './process-table.ts';
import { runWithTimeout, TIMED_OUT } from './run-with-timeout.ts';

/** The usual expression takes microseconds; this is for a backtracking one. */
const MATCH_MS = 100;

/** Nothing else of the sidecar runs meanwhile, not even probes. */
const TOTAL_MS = 500;

/**
 * Creates a function that tests command lines against an expression, for one selection. Any process of
 * the pod chooses its own command line, so an expression that backtracks is interrupted: that process
 * then does not match. Throws `TooSlow` if that takes too long in all.
 */
export function createCommandLineMatcher(source: string): (process: Process) => boolean {
  const pattern = new RegExp(source, 'u');
  let spentMs = 0;
  return ({ argv }) => {
    if (spentMs >= TOTAL_MS) throw new TooSlow();
    const startMs = performance.now();
    const isMatch = runWithTimeout(() => pattern.test(argv.join(' ')), MATCH_MS);
    if (isMatch !== TIMED_OUT) return isMatch;
    spentMs += performance.now() - startMs;
    return false;
  };
}

export class TooSlow extends Error {}
