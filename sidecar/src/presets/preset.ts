/**
 * What a preset is: the way to tell one known program of a new configuration, to have proof that it
 * runs on it, and to go back, as plain data. A file beside this one holds each.
 */
export interface Preset {
  /** One sentence, which begins with what is done. */
  readonly about: string;
  /** What of the program's own set-up it rests on. */
  readonly needs: readonly string[];
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** What stands for `targets`; none: the program looks by itself at what is published. */
  readonly apply: readonly Template[];
  /** What stands for `confirm`. */
  readonly proof: Template;
  /** What stands for `validate`. */
  readonly checks: readonly Template[];
  /** How the program comes back to the last good version. */
  readonly back: string;
  /** What the proof cannot see, and what else a reader should know before an incident. */
  readonly limits: readonly string[];
  /** Where the program's own documentation says so. */
  readonly sources: readonly string[];
}

/** What a user may say of a program. */
export interface Parameter {
  /** One sentence. */
  readonly about: string;
  readonly kind: ParameterKind;
  /** Undefined: it is required, or whatever names it is left out. */
  readonly default?: Value;
  readonly required?: true;
  /** A value as somebody may write it; every parameter without a default has one. */
  readonly example?: Value;
}

/** `words` are a command, and `word` is what may stand in the path of a URL and in JSON as it is. */
export type ParameterKind =
  | 'text'
  | 'word'
  | 'words'
  | 'url'
  | 'path'
  | 'process'
  | 'pattern'
  | 'signal'
  | 'duration'
  | 'metric'
  | 'field'
  | 'count'
  | 'mapping';

/**
 * A plain value in which `{name}` stands for a parameter. A text that is nothing else becomes the
 * parameter's value, whatever it is, and a list in a list becomes its entries. What names a parameter
 * that has no value is left out, together with the mapping or the list in which it stands.
 */
export type Value = string | number | boolean | null | readonly Value[] | Template;

export interface Template {
  readonly [key: string]: Value;
}
