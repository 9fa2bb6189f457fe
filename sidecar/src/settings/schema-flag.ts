/** What a flag `--schema` names, here and in every command line that lastgood understands. */
export interface SchemaFlag {
  /** The files that are held against it; undefined: all that it is for. */
  readonly glob: string | undefined;
  readonly file: string;
}

/**
 * What begins like this is a file as a whole. No glob inside a snapshot does, so that a `=` in it is
 * one of its name; and a URL, which nothing fetches, is not taken apart at the `=` of its query (P8).
 */
const FILE = /^(?:\.{0,2}\/|[a-z][a-z0-9+.-]*:\/\/)/i;

/** `FILE`, or `GLOB=FILE`, split at the first `=`. */
export function schemaFlagOf(flag: string): SchemaFlag {
  const at = FILE.test(flag) ? -1 : flag.indexOf('=');
  return { glob: at === -1 ? undefined : flag.slice(0, at), file: flag.slice(at + 1) };
}
