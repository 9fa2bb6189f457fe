/** Whether a regular expression with these flags matches more than its source alone: JSON Schema has none. */
export function hasLooseFlag(flags = ''): boolean {
  return /[ims]/.test(flags);
}
