import { isMapping } from '@lastgood/core/model/mapping.ts';
import type { SchemaFile } from './schema-file.ts';
import { patternsIn, type SchemaObject, subschemasOf } from './walk.ts';

/**
 * A pattern that tries every length at one place takes time in proportion to the length of a text. With
 * two such places it takes the square, which is half a second for 32 KiB, and for each such pattern.
 */
const MAX_OPEN_ENDS = 1;

/** Each may double the time. */
const MAX_CHOICES = 8;

/** How many schemas one value may be checked with, each counted as often as a reference leads to it. */
const MAX_ASKED = 5_000;

/** References whose target depends on the path to them. */
const DYNAMIC = ['$dynamicRef', '$recursiveRef'];

/** Formats of ajv-formats whose expressions may take the square of a length. */
const SLOW_FORMATS: readonly unknown[] = ['iso-date-time', 'uri-reference', 'url'];

/**
 * How many schemas a JSON Schema may check one value with, if it checks any value in a time that this number
 * bounds: no circular reference, and no pattern that may take more than linear time. Such a check needs no
 * time limit, which costs a seventh of a rollout (docs/adr/0022-cheap-schemas-need-no-timeout.md).
 * Infinity means that this is not known.
 */
export function costOf([file, ...others]: readonly SchemaFile[]): number {
  if (file === undefined || others.length > 0 || !isMapping(file.value)) return Infinity;
  const schemas = subschemasOf(file.value, file.base);
  const isCheap = schemas.every(
    (each) =>
      !SLOW_FORMATS.includes(each.schema.format) &&
      patternsIn(each).every(({ pattern }) => isCheapPattern(pattern)),
  );
  const asked = isCheap ? askedBy(file.value) : Infinity;
  return asked <= MAX_ASKED ? asked : Infinity;
}

/** No repeated group, lookaround or backreference, at most one open repetition, and few choices. */
export function isCheapPattern(pattern: string): boolean {
  if (/\)(?:[*+]|\{)|\(\?[=!<]|\\[1-9k]/.test(pattern)) return false;
  const plain = pattern.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/gu, 'x');
  // Without an anchor, a pattern tries every start of the text.
  const openEnds = countOf(/[*+]|\{\d*,?\d*\}/g, plain) + (isAnchored(plain) ? 0 : 1);
  return openEnds <= MAX_OPEN_ENDS && countOf(/(?<!\()\?|\|/g, plain) <= MAX_CHOICES;
}

/** Whether each alternative of a pattern, without classes and escapes, begins at the first character. */
function isAnchored(plain: string): boolean {
  let depth = 0;
  for (const letter of plain) {
    if (letter === '(') depth += 1;
    if (letter === ')') depth -= 1;
    if (letter === '|' && depth === 0) return false;
  }
  return plain.startsWith('^');
}

function countOf(part: RegExp, pattern: string): number {
  return pattern.match(part)?.length ?? 0;
}

/** How many schemas the file has, including the targets of its references; Infinity for a circle. */
function askedBy(root: SchemaObject): number {
  const known = new Map<string, number>();
  const count = (schema: unknown, way: readonly string[]): number => {
    let asked = 0;
    for (const { schema: inner } of subschemasOf(schema, '')) {
      const { $ref: target } = inner;
      asked += 1 + (target === undefined ? 0 : countAt(target, way));
      if (DYNAMIC.some((keyword) => inner[keyword] !== undefined)) return Infinity;
    }
    return asked;
  };
  const countAt = (target: unknown, way: readonly string[]): number => {
    if (typeof target !== 'string' || way.includes(target)) return Infinity;
    const before = known.get(target);
    if (before !== undefined) return before;
    const found = at(root, target);
    const asked = found === undefined ? Infinity : count(found, [...way, target]);
    known.set(target, asked);
    return asked;
  };
  return count(root, []);
}

/** The target of a reference inside the file; undefined for any other, and for the whole file. */
function at(root: SchemaObject, target: string): unknown {
  if (!/^#(?:\/[A-Za-z0-9_$.-]+)+$/.test(target)) return undefined;
  let found: unknown = root;
  for (const key of target.slice(2).split('/'))
    found = isMapping(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found;
}
