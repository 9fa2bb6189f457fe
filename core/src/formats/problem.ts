import { findingOf } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import type { Problem } from './format.ts';

/** A problem as a finding of a file. Of a secret file, what the content says is left out (P8). */
export function findingOfProblem(problem: Problem, file: string, secret: boolean): Finding {
  const { code, args, quote, line, column } = problem;
  const finding = findingOf(code, args, { file, line, column });
  if (secret || quote === undefined) return finding;
  return { ...finding, message: `${finding.message} ${quote}` };
}
