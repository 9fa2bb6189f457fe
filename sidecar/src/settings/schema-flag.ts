/**
 * A value that starts like this is a file as a whole. No glob inside a snapshot does, so a `=` is part
 * of the file name. A URL, which lastgood does not fetch, is not split at the `=` of its query (P8).
 */
const FILE = /^(?:\.{0,2}\/|[a-z][a-z0-9+.-]*:\/\/)/i;

/**
 * Splits the value of a flag `--schema`, of lastgood or of a reloader that it replaces, at the first
 * `=`: `FILE`, or `GLOB=FILE`. Without a glob, the file is for all that the command checks.
 */
export function schemaFlagOf(flag: string) {
  return FILE.test(flag) ? { glob: undefined, value: flag } : splitGlob(flag);
}

/** Splits `GLOB=VALUE` at the first `=`. Without a glob, all of it is the value. */
export function splitGlob(flag: string) {
  const at = flag.indexOf('=');
  return { glob: at === -1 ? undefined : flag.slice(0, at), value: flag.slice(at + 1) };
}
