import type { Document } from '@lastgood/core/formats/format.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type Issue, locateIssues } from '@lastgood/core/model/issue.ts';
import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import { quote } from '@lastgood/core/model/quote.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { formatPath } from '@lastgood/core/schema/format-value.ts';
import { didYouMean } from '../../settings/did-you-mean.ts';
import type { ShapeMode } from '../../settings/settings.ts';
import { locateInDocument } from '../check-result.ts';
import { countDifferences, findDifferences } from './compare-shape.ts';
import type { Difference, Weight } from './difference.ts';
import { MAX_SIMILAR } from './lost-keys.ts';
import { ANYTHING, type Shape } from './shape.ts';

/** More differences than this are not a mistake but another file. */
const MAX_DIFFERENCES = 100;

/** Compares the documents of a file with the shapes in the last good version, in their order. */
export function checkDrift(
  file: SnapshotFile,
  documents: readonly Document[],
  before: readonly Shape[],
  mode: ShapeMode,
): readonly Finding[] {
  const shapes = counterpartsOf(documents, before);
  const differences = documents.flatMap((document, index) => {
    const shape = shapes[index] ?? ANYTHING;
    const issues = compareShape(shape, document.value, { mode, secret: file.secret });
    return locateInDocument(issues, file, document);
  });
  const count = documents.length;
  if (count === before.length) return differences;
  const weight = count < before.length ? 'incompatible' : 'ordinary';
  const message = `has ${count} ${count === 1 ? 'document' : 'documents'} (had ${before.length})`;
  const ofCount = shapeIssue(weight, mode, message, { line: 1, column: 1 });
  return [...locateIssues(ofCount, file, (at) => at), ...differences];
}

/** More pairs of documents than this are compared in their order only. */
const MAX_PAIRS = 400;

/**
 * The shape that each document is compared with. If documents were added or removed, it is that of the
 * most similar one, so that a new document at the top does not change what the others are compared with.
 */
function counterpartsOf(
  documents: readonly Document[],
  before: readonly Shape[],
): readonly (Shape | undefined)[] {
  const isTooMany = documents.length * before.length > MAX_PAIRS;
  if (documents.length === before.length || isTooMany) return before;
  const pairs = documents.flatMap(({ value }, index) =>
    before.map((shape, old) => ({ index, old, shape, count: countDifferences(shape, value) })),
  );
  const matched = new Map<number, Shape>();
  const used = new Set<number>();
  for (const { index, old, shape } of pairs.toSorted((one, other) => one.count - other.count)) {
    if (matched.has(index) || used.has(old)) continue;
    matched.set(index, shape);
    used.add(old);
  }
  return documents.map((_, index) => matched.get(index));
}

/** Finds the files that were added or removed since the last good version. */
export function checkFileNames(
  files: readonly SnapshotFile[],
  lastGood: readonly SnapshotFile[],
  mode: ShapeMode,
): readonly Finding[] {
  const paths = new Set(files.map(({ path }) => path));
  const before = new Set(lastGood.map(({ path }) => path));
  const removed = lastGood.filter(({ path }) => !paths.has(path));
  const added = files.filter(({ path }) => !before.has(path));
  const isComparable = removed.length * added.length <= MAX_SIMILAR;
  const otherNameOf = createFindOtherName(added, isComparable);
  const renamed = new Map(removed.map((file) => [file, otherNameOf(file)]));
  const isRenamed = new Set(renamed.values());
  const report = (file: SnapshotFile, weight: Weight, message: string) =>
    locateIssues(shapeIssue(weight, mode, message, undefined), file, () => undefined);
  return [
    ...removed.flatMap((file) => {
      const other = renamed.get(file);
      const message =
        other === undefined ? 'is no longer there' : `is gone, ${quote(other.path)} is new`;
      return report(file, 'incompatible', message);
    }),
    ...added
      .filter((file) => !isRenamed.has(file))
      .flatMap((file) => report(file, 'ordinary', 'is a new file')),
  ];
}

/** Finds the added file that is most likely a removed one: it has its content or a similar name. */
function createFindOtherName(added: readonly SnapshotFile[], byName: boolean) {
  const byContent = new Map(added.map((file) => [file.sha256, file]));
  const names = added.map(({ path }) => path);
  return ({ path, sha256 }: SnapshotFile): SnapshotFile | undefined => {
    const similar = byName ? didYouMean(path, names) : undefined;
    return byContent.get(sha256) ?? added.find((file) => file.path === similar);
  };
}

/** The issue for a difference, as a list; empty if the mode allows it. */
function shapeIssue<At>(
  weight: Weight,
  mode: ShapeMode,
  message: string,
  at: At,
): readonly Issue<At>[] {
  const severity = severityOf(weight, mode);
  if (severity === undefined) return [];
  return [{ code: 'LG_VALIDATE_SHAPE', args: [message], severity, at }];
}

function severityOf(weight: Weight, mode: ShapeMode): 'error' | 'warning' | undefined {
  if (mode === 'off') return undefined;
  if (weight === 'suspicious') return 'warning';
  if (weight === 'ordinary') return mode === 'same' ? 'error' : undefined;
  if (weight === 'replaced' && mode === 'warn') return undefined;
  return mode === 'warn' ? 'warning' : 'error';
}

/** The issues of a value by the shape that it had before. */
export function compareShape(
  before: Shape,
  value: unknown,
  { mode, secret }: { readonly mode: ShapeMode; readonly secret: boolean },
): readonly Issue<ValuePath>[] {
  const found = findDifferences(before, value, mode === 'same');
  const issues = found.flatMap((difference) => {
    const { weight, at, quote } = difference;
    const message = secret ? sealedMessage(difference) : messageOf(difference);
    const reported = shapeIssue(weight, mode, message, at);
    return quote === undefined ? reported : reported.map((issue) => ({ ...issue, quote }));
  });
  return issues.slice(0, MAX_DIFFERENCES);
}

function messageOf({ subject, message, replacement }: Difference): string {
  const renamed = replacement === undefined ? '' : `, ${formatPath(replacement)}is new`;
  return `${formatPath(subject)}${message}${renamed}`;
}

/** In a secret file, keys are content too (P8). */
function sealedMessage({ message, replacement }: Difference): string {
  return `a value ${message}${replacement === undefined ? '' : ', another is new'}`;
}
