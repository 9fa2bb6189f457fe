import { isDeepStrictEqual } from 'node:util';

/** The story did not go as it must: a check failed, or something did not happen in time. */
export class DemoFailure extends Error {
  override readonly name = 'DemoFailure';
  /** What helps to see why, a line each. */
  readonly details: readonly string[];

  constructor(message: string, details: readonly string[] = []) {
    super(message);
    this.details = details;
  }
}

/** Throws a {@link DemoFailure} that shows both when what is seen is not what is expected. */
export function check(what: string, seen: unknown, expected: unknown): void {
  if (isDeepStrictEqual(seen, expected)) return;
  throw new DemoFailure(what, [`expected  ${shown(expected)}`, `seen      ${shown(seen)}`]);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
