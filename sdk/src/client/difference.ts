import { type Difference, diffValues, isEmpty } from '../values/diff.ts';
import { deepFreeze } from '../values/freeze.ts';

interface Known {
  readonly next: unknown;
  readonly difference: Difference;
}

const known = new WeakMap<object, Known>();

/** Found once for all readers of a change: a large value takes long to compare. */
export function differenceOf(previous: unknown, next: unknown): Difference {
  if (typeof previous !== 'object' || previous === null) return diffValues(previous, next);
  const last = known.get(previous);
  if (last !== undefined && last.next === next) return last.difference;
  const difference = deepFreeze(diffValues(previous, next));
  // A value that has not changed is dropped, and must not be kept here.
  if (!isEmpty(difference)) known.set(previous, { next, difference });
  return difference;
}
