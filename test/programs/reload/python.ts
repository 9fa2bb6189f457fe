import { execFileSync } from 'node:child_process';
import { DEADLINE_MS } from '../../deadline.ts';

/** The path of a Python 3, past every wrapper; undefined where there is none. */
export function pythonPath(): string | undefined {
  try {
    const print = 'import sys; print(sys.executable)';
    return execFileSync('python3', ['-c', print], {
      encoding: 'utf8',
      timeout: DEADLINE_MS,
    }).trim();
  } catch {
    return undefined;
  }
}
