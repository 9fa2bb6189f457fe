import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';

/** More findings help no reader, and do not fit into an event or a termination message. */
const MAX_FINDINGS = 100;

/** Findings, and how many more are not shown. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly leftOut: number;
}

export const NO_FINDINGS: CheckResult = { findings: [], leftOut: 0 };

/** A result that shows all findings. */
export function checkResult(findings: readonly Finding[]): CheckResult {
  return { findings, leftOut: 0 };
}

/**
 * Merges results: in the order of files, lines and columns, and bounded. Errors come before warnings in
 * the bound: without them, the rest would be accepted.
 */
export function mergeResults(results: readonly CheckResult[]): CheckResult {
  const findings = results.flatMap((each) => each.findings);
  const leftOut = results.reduce((sum, each) => sum + each.leftOut, 0);
  const inOrder = findings.toSorted((a, b) => bySeverity(a, b) || byLocation(a, b));
  return {
    findings: inOrder.slice(0, MAX_FINDINGS).toSorted(byLocation),
    leftOut: leftOut + Math.max(0, findings.length - MAX_FINDINGS),
  };
}

/** Whether it rejects. */
export function isRejection({ findings }: CheckResult): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

/** The findings, followed by one that says how many are not shown. */
export function listFindings(result: CheckResult): readonly Finding[] {
  const { findings, leftOut } = result;
  if (leftOut === 0) return findings;
  const more = findingOf('LG_VALIDATE_TOO_MANY', [leftOut]);
  return [...findings, isRejection(result) ? more : { ...more, severity: 'warning' }];
}

function bySeverity(a: Finding, b: Finding): number {
  return Number(a.severity === 'warning') - Number(b.severity === 'warning');
}

function byLocation({ location: a }: Finding, { location: b }: Finding): number {
  const byFile = compare(a?.file ?? '', b?.file ?? '');
  return byFile || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
