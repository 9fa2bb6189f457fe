/**
 * What lastgood knows about one program: how to notify it of a new configuration, what proves that it
 * runs on it, and how it returns to the last good one. Each preset has a file in this directory.
 */
export interface Preset<Table extends ParameterTable = ParameterTable> {
  /** One sentence that starts with what the preset does. */
  readonly about: string;
  /** What the program and the pod must have. */
  readonly needs: readonly string[];
  readonly parameters: Table;
  /** The keys of a bundle that the preset fills in. Uses the parameters and nothing else. */
  bundleKeys(parameters: Values<Table>): BundleKeys;
  /** How the program returns to the last good version. */
  readonly rollback: string;
  /** What the proof cannot see, and what else a reader should know before an incident. */
  readonly limits: readonly string[];
  /** Where the documentation of the program says so. */
  readonly sources: readonly string[];
}

/** As a person would write them in the settings. What is undefined or an empty list is left out. */
interface BundleKeys {
  readonly targets?: readonly (object | undefined)[];
  readonly confirm: object;
  readonly validate?: readonly object[];
}

type ParameterTable = Readonly<Record<string, Parameter>>;

/** A value that the user of a preset may set. */
export interface Parameter {
  /** One sentence. */
  readonly about: string;
  readonly kind: keyof ValueOfKind;
  /** Without a default and `required`, what needs the parameter is left out. */
  readonly default?: unknown;
  readonly required?: true;
  /** Every parameter without a default has one. */
  readonly example?: unknown;
}

interface ValueOfKind {
  readonly text: string;
  /** Text that is safe in the path of a URL and in JSON. */
  readonly word: string;
  /** A program and its arguments. */
  readonly command: readonly string[];
  readonly url: string;
  readonly path: string;
  readonly process: string;
  readonly pattern: string;
  readonly signal: string;
  readonly duration: string;
  readonly metric: string;
  readonly field: string;
  readonly count: number;
  readonly mapping: Readonly<Record<string, unknown>>;
}

/** The parameters of a table with their values. */
type Values<Table extends ParameterTable> = {
  readonly [Name in keyof Table]:
    | ValueOfKind[Table[Name]['kind']]
    | (Table[Name] extends { required: true } | { default: NonNullable<unknown> }
        ? never
        : undefined);
};

/** Checks a preset against its own parameters. */
export function definePreset<const Table extends ParameterTable>(preset: Preset<Table>) {
  return preset;
}
