/** A glob that matches this path alone. */
export function literalGlob(path: string): string {
  return path.replaceAll(/[\\*?![\]{}()+@|^$]/g, '\\$&');
}
