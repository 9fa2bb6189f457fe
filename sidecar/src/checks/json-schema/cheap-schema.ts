import { patternsIn } from './pattern.ts';
import type { SchemaFile } from './schema-file.ts';
import { isObject, type SchemaObject, subschemasOf } from './walk.ts';

/** With so many, each of which may try every length, a pattern takes the square of a text's length. */
const MAX_OPEN_ENDS = 2;

/** So many schemas may be asked of one value, each counted as often as a reference leads to it. */
const MAX_ASKED = 5_000;

/** Ways to another schema that depend on how one came there. */
const DYNAMIC = ['$dynamicRef', '$recursiveRef'];

/** Items of which ajv sees in one pass whether one stands twice. Source: ajv, uniqueItems.ts. */
const SCALARS = ['string', 'number', 'integer', 'boolean', 'null'];

/**
 * Whether a JSON Schema can be held against any small value in a bounded time, by what is in it: no
 * reference that leads back, no pattern with a repetition inside a repetition, no comparison of each
 * item with each other. Then nobody has to stand by to cut it off, which costs as much as the whole
 * check. A no only means that it is not seen.
 */
export function isCheapToCheck([file, ...others]: readonly SchemaFile[]): boolean {
  if (file === undefined || others.length > 0 || !isObject(file.value)) return false;
  const schemas = subschemasOf(file.value, file.base);
  return (
    schemas.every((each) => patternsIn(each).every(({ pattern }) => isCheapPattern(pattern))) &&
    schemas.every(({ schema }) => hasCheapItems(schema)) &&
    askedBy(file.value) <= MAX_ASKED
  );
}

/**
 * No group is repeated, nothing looks ahead, behind or back, and few ends are open. What stands in a
 * class or behind a backslash is counted as if it stood by itself, which errs on the safe side.
 */
export function isCheapPattern(pattern: string): boolean {
  if (/\)(?:[*+]|\{)|\(\?[=!<]|\\[1-9k]/.test(pattern)) return false;
  return (pattern.match(/[*+]|\{\d*,?\d*\}/g) ?? []).length <= MAX_OPEN_ENDS;
}

function hasCheapItems({ uniqueItems, items }: SchemaObject): boolean {
  if (uniqueItems !== true) return true;
  return isObject(items) && typeof items.type === 'string' && SCALARS.includes(items.type);
}

/** How many schemas stand in the file, with all that its references lead to; Infinity for a circle. */
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

/** What a reference inside the file leads to; undefined for any other, and for the file as a whole. */
function at(root: SchemaObject, target: string): unknown {
  if (!/^#(?:\/[A-Za-z0-9_$.-]+)+$/.test(target)) return undefined;
  let found: unknown = root;
  for (const key of target.slice(2).split('/'))
    found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found;
}
