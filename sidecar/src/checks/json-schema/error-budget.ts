import type { ErrorObject } from 'ajv';

/** Thrown by a validation with too many errors, even if an alternative would have accepted the value. */
export class TooManyErrors extends Error {}

/** Replaces errors that are only counted. */
const UNCOUNTED = {} as ErrorObject;

/** How many errors of a validation are made in full: each takes some hundred bytes. */
const MAX_FULL = 1_000;

/** How many errors one list may have, where a shared one takes 8 bytes and the list grows by copies. */
const MAX_KEPT = 100_000;

/** The property of ajv that the code below uses. */
const BUDGET = 'lastgoodErrors';

/**
 * Bounds the errors of a validation. With `allErrors`, ajv makes one for each value and alternative that it
 * tries, also where another alternative then fits: a file of 2 KB with aliases made so many that the
 * process ended.
 */
export class ErrorBudget {
  #made = 0;
  #max = Number.POSITIVE_INFINITY;

  /** Must be called before each validation. */
  reset(max: number): void {
    this.#made = 0;
    this.#max = max;
  }

  /**
   * Counts an error. Returns its replacement, or undefined if ajv must make it in full. That is always so for
   * the first one of a value: those before may be of alternatives that another one replaced.
   *
   * @param before - how many errors there are so far
   */
  count(before: number): ErrorObject | undefined {
    this.#made += 1;
    if (this.#made > this.#max || before >= MAX_KEPT) throw new TooManyErrors();
    return before > 0 && this.#made > MAX_FULL ? UNCOUNTED : undefined;
  }

  /** Adds the errors of a part of the schema in place: a copy for each item would be quadratic. */
  concat(errors: ErrorObject[], more: readonly ErrorObject[]): ErrorObject[] {
    if (errors.length + more.length > MAX_KEPT) throw new TooManyErrors();
    for (const error of more) errors.push(error);
    return errors;
  }

  /** Lets compiled validators count their errors here. */
  attach(ajv: object): void {
    Object.assign(ajv, { [BUDGET]: this });
  }
}

/** For ajv's option `code.process`: in its code, `self` is ajv. */
export function countErrorsIn(code: string): string {
  return code
    .replaceAll(/const (err\d+) = \{/g, `const $1 = self.${BUDGET}.count(errors) ?? {`)
    .replaceAll(/vErrors\.concat\(([^()]+)\)/g, `self.${BUDGET}.concat(vErrors, $1)`);
}

export function isFull(error: ErrorObject): boolean {
  return error !== UNCOUNTED;
}
