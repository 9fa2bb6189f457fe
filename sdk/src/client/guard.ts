/**
 * Calls a function of the app. A throw goes to `report`, and so does the rejection of a promise, even where
 * the type allows none: an `async` function fits every callback.
 *
 * @returns a promise that never rejects, if the function is asynchronous
 */
export function guard(
  call: () => unknown,
  report: (error: unknown) => void,
): Promise<void> | undefined {
  try {
    const result = call();
    return isThenable(result) ? Promise.resolve(result).then(() => undefined, report) : undefined;
  } catch (error) {
    report(error);
    return undefined;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** The message of what a function of the app threw, which may be anything. */
export function messageOf(thrown: unknown): string {
  try {
    return (
      String(thrown instanceof Error ? thrown.message : thrown) || 'an error without a message'
    );
  } catch {
    return 'an error that cannot be shown';
  }
}
