/** The result of `work`, or undefined if it throws, where the reason would be of no use. */
export function tryTo<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
