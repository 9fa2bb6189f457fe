import { AsyncLocalStorage } from 'node:async_hooks';
import { Script } from 'node:vm';

/** How the script below finds its work: a script sees only globals. */
const WORK = Symbol.for('lastgood.bounded-work');

const script = new Script(`globalThis[Symbol.for(${JSON.stringify(WORK.description)})]()`);

/** The work reached its time limit and was ended. */
export const TIMED_OUT = Symbol('timed out');

/** How often a match is tried again that did not have this part of its time on a CPU. */
const MAX_RETRIES = 2;

/** One that backtracks has more of it, even with 0.1 CPU; the usual one takes microseconds. */
const LEAST_PART = 1 / 20;

/**
 * Whether the text matches, or TIMED_OUT for a pattern that backtracks for longer than this. The limit is real
 * time, and a CPU limit or a busy node may stop the process for all of it: then the pattern is not to blame.
 */
export function matchWithTimeout(pattern: Pick<RegExp, 'test'>, text: string, ms: number) {
  for (let retries = 0; ; retries++) {
    const before = process.threadCpuUsage();
    const isMatch = runWithTimeout(() => pattern.test(text), ms);
    if (isMatch !== TIMED_OUT) return isMatch;
    const { user, system } = process.threadCpuUsage(before);
    if (user + system >= ms * 1_000 * LEAST_PART || retries === MAX_RETRIES) return TIMED_OUT;
  }
}

/**
 * Runs work that may never end, such as a pattern that backtracks for years. V8 can end it anywhere, even
 * in a regular expression; nothing else in a thread can. Costs 0.3 ms.
 */
export function runWithTimeout<Result>(work: () => Result, ms: number): Result | typeof TIMED_OUT {
  const globals = globalThis as { [WORK]?: () => Result };
  globals[WORK] = work;
  try {
    // Work that is ended does not restore its async context, since none of its `finally` blocks run.
    const inThisContext = AsyncLocalStorage.snapshot();
    return inThisContext(() => script.runInThisContext({ timeout: ms, displayErrors: false }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return TIMED_OUT;
    throw error;
  } finally {
    delete globals[WORK];
  }
}
