import { createContext, Script } from 'node:vm';
import type { Process } from './process-table.ts';

/** The usual expression takes microseconds; this is for a backtracking one. */
const MATCH_MS = 100;

/** Nothing else of the sidecar runs meanwhile, not even probes. */
const TOTAL_MS = 500;

const SCRIPT = new Script('pattern.test(text)');

/**
 * Creates a function that tests command lines against an expression, for one selection. Any process of
 * the pod chooses its own command line, so an expression that backtracks is interrupted: that process
 * then does not match. Throws `TooSlow` if that takes too long in all.
 */
export function createCommandLineMatcher(source: string): (process: Process) => boolean {
  const pattern = new RegExp(source, 'u');
  const context = createContext({ pattern, text: '' });
  let spentMs = 0;
  return ({ argv }) => {
    if (spentMs >= TOTAL_MS) throw new TooSlow();
    context.text = argv.join(' ');
    const startMs = performance.now();
    try {
      return SCRIPT.runInContext(context, { timeout: MATCH_MS });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      spentMs += performance.now() - startMs;
      return false;
    }
  };
}

export class TooSlow extends Error {}
