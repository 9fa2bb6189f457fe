import { createContext, Script } from 'node:vm';

const SCRIPT = new Script('pattern.test(text)');

/**
 * Creates a function that tests a text, which another process chooses, against an expression of the
 * settings. Undefined if that takes longer: an expression that backtracks could take hours.
 */
export function createTimedMatcher(): (
  pattern: RegExp,
  text: string,
  timeoutMs: number,
) => boolean | undefined {
  const context = createContext({ pattern: /(?:)/, text: '' });
  return (pattern, text, timeoutMs) => {
    Object.assign(context, { pattern, text });
    try {
      return SCRIPT.runInContext(context, { timeout: timeoutMs });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      return undefined;
    }
  };
}
