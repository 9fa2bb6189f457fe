import { type Difference, diffValues, isEmpty } from '../values/diff.ts';
import { deepFreeze } from '../values/freeze.ts';

interface Known {
  /** Weak: an app that keeps its first value must not keep all later ones. */
  readonly next: WeakRef<object>;
  readonly difference: Difference;
}

const known = new WeakMap<object, Known>();

/** Found once for all readers of a change: a large value takes long to compare. */
export function differenceOf(previous: unknown, next: unknown): Difference {
  if (!isObject(previous) || !isObject(next)) return diffValues(previous, next);
  const last = known.get(previous);
  if (last?.next.deref() === next) return last.difference;
  const difference = deepFreeze(diffValues(previous, next));
  // A value that has not changed is dropped: no reader asks again.
  if (!isEmpty(difference)) known.set(previous, { next: new WeakRef(next), difference });
  return difference;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
