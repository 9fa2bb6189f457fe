import { findingOf } from './error.ts';
import type { ErrorCode } from './error-codes.ts';
import type { Finding, Location } from './finding.ts';
import type { ValuePath } from './pointer.ts';
import type { SnapshotFile } from './snapshot.ts';

/**
 * One thing that a checker finds wrong, before it has a line in a file. `At` is what the checker knows
 * of the position: an offset in the text, or the pointer of a value.
 */
export interface Issue<At = number> {
  readonly code: ErrorCode;
  /** Fill the message of the code. Of a secret they hold nothing of the content (P8). */
  readonly args: readonly unknown[];
  /** Content that ends the message, such as the name of a key. Left out for a secret file (P8). */
  readonly quote?: string;
  /** An error unless it is set. */
  readonly severity?: Finding['severity'];
  readonly at: At;
}

/** The value breaks the schema. */
export function brokenSchema(message: string, at: ValuePath): Issue<ValuePath> {
  return { code: 'LG_VALIDATE_SCHEMA', args: [message], at };
}

/** Turns issues into findings of a file. Without a position, a finding names the file alone. */
export function locateIssues<At>(
  issues: readonly Issue<At>[],
  { path: file, secret }: Pick<SnapshotFile, 'path' | 'secret'>,
  positionOf: (at: At) => Omit<Location, 'file'> | undefined,
): readonly Finding[] {
  return issues.map(({ code, args, quote, severity, at }) => {
    const finding = findingOf(code, args, { file, ...positionOf(at) });
    const message = secret || quote === undefined ? finding.message : `${finding.message} ${quote}`;
    return { ...finding, message, severity: severity ?? finding.severity };
  });
}
