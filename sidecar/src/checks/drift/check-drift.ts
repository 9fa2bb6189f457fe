import type { Document } from '@lastgood/core/formats/format.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { locateIssues } from '@lastgood/core/model/issue.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { ShapeMode } from '../../settings/settings.ts';
import { locateInDocument } from '../value-issues.ts';
import { compareShape, shapeIssue, type Weight } from './compare.ts';
import { ANYTHING, type Shape } from './shape.ts';

/** Compares the documents of a file with the shapes in the last good version, in their order. */
export function checkDrift(
  file: SnapshotFile,
  documents: readonly Document[],
  before: readonly Shape[],
  mode: ShapeMode,
): readonly Finding[] {
  const differences = documents.flatMap((document, index) => {
    const shape = before[index] ?? ANYTHING;
    const issues = compareShape(shape, document.value, { mode, secret: file.secret });
    return locateInDocument(issues, file, document);
  });
  return [...checkCount(file, documents.length, before.length, mode), ...differences];
}

/** Finds the files that were added or removed since the last good version. */
export function checkFileNames(
  files: readonly SnapshotFile[],
  lastGood: readonly SnapshotFile[],
  mode: ShapeMode,
): readonly Finding[] {
  const paths = new Set(files.map(({ path }) => path));
  const before = new Set(lastGood.map(({ path }) => path));
  const find = (list: readonly SnapshotFile[], weight: Weight, message: string) =>
    list.flatMap((file) =>
      locateIssues(shapeIssue(weight, mode, { message, at: undefined }), file, () => undefined),
    );
  return [
    ...find(
      lastGood.filter(({ path }) => !paths.has(path)),
      'incompatible',
      'is no longer there',
    ),
    ...find(
      files.filter(({ path }) => !before.has(path)),
      'new',
      'is a new file',
    ),
  ];
}

function checkCount(
  file: SnapshotFile,
  count: number,
  before: number,
  mode: ShapeMode,
): readonly Finding[] {
  if (count === before) return [];
  const message = `has ${count} ${count === 1 ? 'document' : 'documents'} (had ${before})`;
  const at = { line: 1, column: 1 };
  const issues = shapeIssue(count < before ? 'incompatible' : 'new', mode, { message, at });
  return locateIssues(issues, file, (position) => position);
}
