/** The value of a flag `--schema`, of lastgood and of the reloaders that it replaces. */
export interface SchemaFlag {
  /** The files to check; undefined: all that the command checks. */
  readonly glob: string | undefined;
  readonly file: string;
}

/**
 * A value that starts like this is a file as a whole. No glob inside a snapshot does, so a `=` is part
 * of the file name. A URL, which lastgood does not fetch, is not split at the `=` of its query (P8).
 */
const FILE = /^(?:\.{0,2}\/|[a-z][a-z0-9+.-]*:\/\/)/i;

/** `FILE`, or `GLOB=FILE`, split at the first `=`. */
export function schemaFlagOf(flag: string): SchemaFlag {
  const at = FILE.test(flag) ? -1 : flag.indexOf('=');
  return { glob: at === -1 ? undefined : flag.slice(0, at), file: flag.slice(at + 1) };
}
