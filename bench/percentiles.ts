/** The nearest-rank percentile: a value that was really measured. NaN of no values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** NaN of no values. */
export function largest(values: readonly number[]): number {
  return percentile(values, 100);
}
