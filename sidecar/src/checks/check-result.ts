import type { Document } from '@lastgood/core/formats/format.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import { byLocation, errorsFirst, type Finding } from '@lastgood/core/model/finding.ts';
import { type Issue, locateIssues } from '@lastgood/core/model/issue.ts';
import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** More findings help no reader, and do not fit into an event or a termination message. */
const MAX_FINDINGS = 100;

/** What a schema or rules find wrong with a value, each at a pointer from the top of the value. */
export interface ValueIssues {
  readonly issues: readonly Issue<ValuePath>[];
  /** How many more there are than are listed. */
  readonly leftOut?: number;
}

/** Findings, and how many more are not shown. */
export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly leftOut?: number;
}

export const NO_FINDINGS: CheckResult = { findings: [] };

/** Issues of a document as findings of its file. */
export function locateInDocument(
  issues: readonly Issue<ValuePath>[],
  file: SnapshotFile,
  document: Document,
): readonly Finding[] {
  return locateIssues(issues, file, ({ pointer, part }) =>
    document.withoutPositions ? undefined : document.locate(pointer, part),
  );
}

/**
 * Merges results: in the order of files, lines and columns, and bounded. Errors come before warnings in
 * the bound: without them, the rest would be accepted.
 */
export function mergeResults(results: readonly CheckResult[]): CheckResult {
  const findings = results.flatMap((each) => each.findings);
  const leftOut = results.reduce((sum, each) => sum + (each.leftOut ?? 0), 0);
  const mostSerious = errorsFirst(findings.toSorted(byLocation)).slice(0, MAX_FINDINGS);
  return {
    findings: mostSerious.toSorted(byLocation),
    leftOut: leftOut + Math.max(0, findings.length - MAX_FINDINGS),
  };
}

/** Whether it rejects. */
export function isRejection({ findings }: CheckResult): boolean {
  return findings.some(({ severity }) => severity === 'error');
}

/** The findings, followed by one that says how many are not shown. */
export function listFindings(result: CheckResult): readonly Finding[] {
  const { findings, leftOut = 0 } = result;
  if (leftOut === 0) return findings;
  const more = findingOf('LG_VALIDATE_TOO_MANY', [leftOut]);
  return [...findings, isRejection(result) ? more : { ...more, severity: 'warning' }];
}
