/** Milliseconds as the log and the status show them: a clock has many more digits than people need. */
export function roundMs(ms: number): number {
  return Math.round(ms * 100) / 100;
}
