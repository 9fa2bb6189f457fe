import type { Document } from '@lastgood/core/formats/format.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { type Issue, locateIssues } from '@lastgood/core/model/issue.ts';
import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import type { Pointer, ValuePath } from '@lastgood/core/model/pointer.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { ShapeMode } from '../../settings/settings.ts';
import { locateInDocument } from '../check-result.ts';
import { formatPath } from '../format-value.ts';
import { ANYTHING, isEmpty, type Kind, kindOf, type Shape } from './shape.ts';

/**
 * How serious a difference is:
 * - `suspicious`: an app can read the new value, but people rarely mean it.
 * - `incompatible`: an app that reads the old value may fail on the new one.
 * - `new`: there was no value before.
 */
type Weight = 'suspicious' | 'incompatible' | 'new';

/** More differences than this are not a mistake but another file. */
const MAX_DIFFERENCES = 100;

/** A number that grows or shrinks by this factor is most likely a mistake: extra zeroes, another unit. */
const SUSPICIOUS_FACTOR = 100;

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
  const count = documents.length;
  if (count === before.length) return differences;
  const weight = count < before.length ? 'incompatible' : 'new';
  const message = `has ${count} ${count === 1 ? 'document' : 'documents'} (had ${before.length})`;
  const ofCount = shapeIssue(weight, mode, message, { line: 1, column: 1 });
  return [...locateIssues(ofCount, file, (at) => at), ...differences];
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
  const report = (file: SnapshotFile, weight: Weight, message: string) =>
    locateIssues(shapeIssue(weight, mode, message, undefined), file, () => undefined);
  return [
    ...removed.flatMap((file) => report(file, 'incompatible', 'is no longer there')),
    ...added.flatMap((file) => report(file, 'new', 'is a new file')),
  ];
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
  if (weight === 'new') return mode === 'same' ? 'error' : undefined;
  return mode === 'warn' ? 'warning' : 'error';
}

/**
 * Takes a difference. The message names kinds only, such as `is text (was a number)`; the quote has
 * content.
 */
type Report = (weight: Weight, message: string, at: ValuePath, quote?: string) => void;

/** The issues of a value by the shape that it had before. Of mappings and lists, every part is compared. */
export function compareShape(
  before: Shape,
  value: unknown,
  { mode, secret }: { readonly mode: ShapeMode; readonly secret: boolean },
): readonly Issue<ValuePath>[] {
  const issues: Issue<ValuePath>[] = [];
  let count = 0;
  compare(before, value, [], (weight, message, at, quote) => {
    count += 1;
    if (count > MAX_DIFFERENCES) return;
    // In a secret file, keys are content too (P8).
    const subject = secret ? 'a value ' : formatPath(at.pointer);
    for (const issue of shapeIssue(weight, mode, `${subject}${message}`, at))
      issues.push(quote === undefined ? issue : { ...issue, quote });
  });
  return issues;
}

function compare(before: Shape, value: unknown, pointer: Pointer, report: Report): void {
  // A shape without kinds is unknown.
  if (before.kinds.size === 0) return;
  const kind = kindOf(value);
  const at = { pointer, part: 'value' } as const;
  if (!before.kinds.has(kind)) compareKinds(before, value, at, report);
  else if (isEmpty(value) && !before.isEmpty) report('incompatible', `became ${emptyOf(kind)}`, at);
  else if (kind === 'a number') compareNumbers(before, Number(value), at, report);
  else if (Array.isArray(value)) compareEntries(before, value, pointer, report);
  else if (isMapping(value)) compareKeys(before, value, pointer, report);
}

function compareKinds({ kinds }: Shape, value: unknown, at: ValuePath, report: Report): void {
  const were = [...kinds].join(' or ');
  // A null had no meaning yet, so an app that accepted it may accept this too.
  report(were === 'null' ? 'new' : 'incompatible', `${newKindOf(value)} (was ${were})`, at);
}

/** An empty value is reported as empty, not as text. */
function newKindOf(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'null') return 'became null';
  return value === '' ? 'became empty' : `is ${kind}`;
}

function emptyOf(kind: Kind): string {
  return kind === 'text' ? 'empty' : `an empty ${kind.slice('a '.length)}`;
}

function compareNumbers(before: Shape, number: number, at: ValuePath, report: Report): void {
  const { number: old } = before;
  if (old === undefined || old === 0 || number === old) return;
  const factor = Math.abs(number / old);
  if (factor < SUSPICIOUS_FACTOR && factor > 1 / SUSPICIOUS_FACTOR) return;
  const message = number === 0 ? 'became zero' : 'changed by orders of magnitude';
  report('suspicious', message, at, `(is ${number}, was ${old})`);
}

function compareEntries(
  { entries }: Shape,
  value: readonly unknown[],
  pointer: Pointer,
  report: Report,
): void {
  if (entries === undefined) return;
  for (const [index, entry] of value.entries())
    compare(entries, entry, [...pointer, index], report);
}

function compareKeys(
  { keys, optional }: Shape,
  value: Mapping,
  pointer: Pointer,
  report: Report,
): void {
  for (const [key, { kinds }] of keys)
    if (!optional.has(key) && !Object.hasOwn(value, key)) {
      const were = kinds.size === 0 ? '' : ` (was ${[...kinds].join(' or ')})`;
      // The key is gone, so the issue gets the position of its mapping.
      const at = { pointer: [...pointer, key], part: 'key' } as const;
      report('incompatible', `is no longer there${were}`, at);
    }
  for (const key of Object.keys(value)) {
    const before = keys.get(key);
    const inside = [...pointer, key];
    if (before !== undefined) compare(before, value[key], inside, report);
    else report('new', 'is new', { pointer: inside, part: 'key' });
  }
}
