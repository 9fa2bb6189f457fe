import { findingOf } from '../errors.ts';
import type { Finding } from '../verdict.ts';

/** More would be read by nobody, and would not fit into an event or a termination message. */
export const MAX_FINDINGS = 100;

/** Findings, and how many more there are that nobody is shown. */
export interface Judgement {
  readonly findings: readonly Finding[];
  readonly leftOut: number;
}

/** A judgement that shows all that there is. */
export function judgementOf(findings: readonly Finding[]): Judgement {
  return { findings, leftOut: 0 };
}

/** Several judgements as one: in the order of files, lines and columns, and bounded. */
export function join(judgements: readonly Judgement[]): Judgement {
  const findings = judgements.flatMap((each) => each.findings).toSorted(byPlace);
  const leftOut = judgements.reduce((sum, each) => sum + each.leftOut, 0);
  return {
    findings: findings.slice(0, MAX_FINDINGS),
    leftOut: leftOut + Math.max(0, findings.length - MAX_FINDINGS),
  };
}

/** As a list whose last finding says how many are not shown. */
export function listOf({ findings, leftOut }: Judgement): readonly Finding[] {
  return leftOut === 0 ? findings : [...findings, findingOf('LG_VALIDATE_TOO_MANY', [leftOut])];
}

function byPlace({ location: a }: Finding, { location: b }: Finding): number {
  const byFile = compare(a?.file ?? '', b?.file ?? '');
  return byFile || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
