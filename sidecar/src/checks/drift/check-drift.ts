import type { Document } from '@lastgood/core/formats/format.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { ShapeMode } from '../../settings/settings.ts';
import { formatPath, formatPointerStep } from '../format-value.ts';
import { locationIn } from '../violation.ts';
import { type Difference, differencesOf, severityOf } from './compare.ts';
import { ANYTHING, type Shape } from './shape.ts';

/** Holds the documents of a file against the shapes of the last good version's, in their order. */
export function checkDrift(
  file: SnapshotFile,
  documents: readonly Document[],
  before: readonly Shape[],
  mode: ShapeMode,
): readonly Finding[] {
  const counts = countFindings(file, documents.length, before.length, mode);
  const differences = documents.flatMap((document, index) =>
    differencesOf(before[index] ?? ANYTHING, document.value).flatMap((difference) => {
      const { pointer, part } = difference;
      const location = locationIn(file, document, pointer, part);
      return findingAt(location, wordingOf(difference, file.secret), difference, mode);
    }),
  );
  return [...counts, ...differences];
}

/** The files that the last good version has and this one lacks, or the other way round. */
export function checkFileNames(
  files: readonly SnapshotFile[],
  lastGood: readonly SnapshotFile[],
  mode: ShapeMode,
): readonly Finding[] {
  const paths = files.map(({ path }) => path);
  const before = lastGood.map(({ path }) => path);
  const gone = before.filter((path) => !paths.includes(path));
  const added = paths.filter((path) => !before.includes(path));
  return [
    ...gone.flatMap((file) =>
      findingAt({ file }, 'is no longer there', { weight: 'incompatible' }, mode),
    ),
    ...added.flatMap((file) => findingAt({ file }, 'is a new file', { weight: 'new' }, mode)),
  ];
}

function countFindings(
  { path: file }: SnapshotFile,
  count: number,
  before: number,
  mode: ShapeMode,
): readonly Finding[] {
  if (count === before) return [];
  const message = `holds ${count} ${count === 1 ? 'document' : 'documents'} (held ${before})`;
  const weight = count < before ? 'incompatible' : 'new';
  return findingAt({ file, line: 1, column: 1 }, message, { weight }, mode);
}

function findingAt(
  location: Location,
  message: string,
  difference: Pick<Difference, 'weight'>,
  mode: ShapeMode,
): readonly Finding[] {
  const severity = severityOf(difference, mode);
  return severity === undefined
    ? []
    : [{ ...findingOf('LG_VALIDATE_SHAPE', [message], location), severity }];
}

/** Of a secret file, the keys are content too (P8). */
function wordingOf({ pointer, message, detail }: Difference, secret: boolean): string {
  if (secret) return `a value ${message}`;
  const more = detail === undefined ? '' : ` ${detail}`;
  return `${formatPath(pointer.map(formatPointerStep))}${message}${more}`;
}
