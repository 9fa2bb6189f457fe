/** The ways in which `lastgood validate` can write what it found. */
export const OUTPUTS = ['human', 'json', 'github', 'sarif', 'junit'] as const;

export type Output = (typeof OUTPUTS)[number];

/** What `lastgood validate` was asked for. */
export interface ValidateRequest {
  /** Paths of files and directories; `-` is standard input. Never empty. */
  readonly inputs: readonly string[];
  /** Path of a settings file. */
  readonly config: string | undefined;
  /** One of its bundles. */
  readonly bundle: string | undefined;
  /** Each a path of a schema, or `GLOB=PATH`. */
  readonly schemas: readonly string[];
  /** Each a name of a format, or `GLOB=NAME`. */
  readonly formats: readonly string[];
  /** Nothing of what the files hold is to be shown (P8). */
  readonly secret: boolean;
  /** A warning fails as an error does. */
  readonly strict: boolean;
  readonly output: Output;
}
