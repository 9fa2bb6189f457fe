import type { Document, Part, Pointer } from '@lastgood/core/formats/format.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { CheckResult } from './check-result.ts';

/** One way in which a value breaks a schema or a rule. */
export interface Violation {
  /** Where, from the top of the value that was judged. */
  readonly pointer: Pointer;
  readonly part: Part;
  /** The key that should stand there, if one is missing. */
  readonly missing?: string;
  /** Of a secret it holds nothing of the value (P8). */
  readonly message: string;
  /** Where what is at fault is not the value. */
  readonly code?: ErrorCode;
}

export interface Violations {
  readonly violations: readonly Violation[];
  /** How many more there are that were not worded. */
  readonly leftOut: number;
}

/** The violations of a document of a file, each at its line and column. */
export function locatedIn(
  file: SnapshotFile,
  document: Document,
  { violations, leftOut }: Violations,
  code: ErrorCode,
): CheckResult {
  const findings = violations.map(({ pointer, part, message, code: own = code }) =>
    findingOf(own, [message], locationIn(file, document, pointer, part)),
  );
  return { findings, leftOut };
}

/** Where a value of a document stands, as far as there is memory to look for it. */
export function locationIn(
  { path: file }: SnapshotFile,
  { locate, isPlaceless }: Document,
  pointer: Pointer,
  part: Part,
): Location {
  return isPlaceless ? { file } : { file, ...locate(pointer, part) };
}
