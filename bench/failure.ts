/** Something does not work at all, so that there is nothing to measure. */
export class BenchFailure extends Error {
  /** What the process in question wrote last. */
  readonly details: readonly string[];

  constructor(message: string, details: readonly string[] = []) {
    super(message);
    this.name = 'BenchFailure';
    this.details = details;
  }
}
