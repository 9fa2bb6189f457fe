import type { Document } from '@lastgood/core/formats/format.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type Issue, locateIssues } from '@lastgood/core/model/issue.ts';
import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** What a schema or rules find wrong with a value, each at a pointer from the top of the value. */
export interface ValueIssues {
  readonly issues: readonly Issue<ValuePath>[];
  /** How many more there are than are listed. */
  readonly leftOut: number;
}

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
