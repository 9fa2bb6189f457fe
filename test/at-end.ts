import type { TestContext } from 'node:test';

type End = () => unknown;

const ends = new WeakMap<TestContext, End[]>();

/**
 * Calls it after the test, before what was handed over earlier: a program ends before the directory that it uses is
 * removed. Unlike the hooks of `node:test`, which run in order, and of which one that fails skips the rest.
 */
export function atEnd(context: TestContext, end: End): void {
  const known = ends.get(context);
  if (known !== undefined) {
    known.push(end);
    return;
  }
  const own = [end];
  ends.set(context, own);
  context.after(async () => {
    const failures: unknown[] = [];
    for (const each of own.toReversed())
      try {
        await each();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  });
}
