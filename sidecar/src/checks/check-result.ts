import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';

/** More would be read by nobody, and would not fit into an event or a termination message. */
export const MAX_FINDINGS = 100;

/** Findings, and how many more there are that nobody is shown. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly leftOut: number;
}

export const NO_FINDINGS: CheckResult = { findings: [], leftOut: 0 };

/** A judgement that shows all that there is. */
export function checkResult(findings: readonly Finding[]): CheckResult {
  return { findings, leftOut: 0 };
}

/**
 * Several judgements as one: in the order of files, lines and columns, and bounded. Of too many, the
 * errors stay: without them, the rest would be let pass.
 */
export function mergeResults(judgements: readonly CheckResult[]): CheckResult {
  const findings = judgements.flatMap((each) => each.findings);
  const leftOut = judgements.reduce((sum, each) => sum + each.leftOut, 0);
  const inOrder = findings.toSorted((a, b) => bySeverity(a, b) || byPlace(a, b));
  return {
    findings: inOrder.slice(0, MAX_FINDINGS).toSorted(byPlace),
    leftOut: leftOut + Math.max(0, findings.length - MAX_FINDINGS),
  };
}

/** Whether it rejects. */
export function isRejection({ findings }: CheckResult): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

/** As a list whose last finding says how many are not shown. */
export function listFindings(judgement: CheckResult): readonly Finding[] {
  const { findings, leftOut } = judgement;
  if (leftOut === 0) return findings;
  const more = findingOf('LG_VALIDATE_TOO_MANY', [leftOut]);
  return [...findings, isRejection(judgement) ? more : { ...more, severity: 'warning' }];
}

function bySeverity(a: Finding, b: Finding): number {
  return Number(a.severity === 'warning') - Number(b.severity === 'warning');
}

function byPlace({ location: a }: Finding, { location: b }: Finding): number {
  const byFile = compare(a?.file ?? '', b?.file ?? '');
  return byFile || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
