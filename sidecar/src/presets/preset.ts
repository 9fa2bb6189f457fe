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

type TextKind = 'text' | 'url' | 'path' | 'process' | 'pattern' | 'signal' | 'duration' | 'metric';

interface ValueOfKind extends Readonly<Record<TextKind, string>> {
  /** Text that is safe in the path of a URL and in JSON. */
  readonly word: string;
  /** A dotted path. */
  readonly field: string;
  /** A program and its arguments. */
  readonly command: readonly string[];
  readonly count: number;
  readonly mapping: Readonly<Record<string, unknown>>;
  /** What `confirm.tls` may be. */
  readonly tls: object;
}

/** The parameters of a table with their values. */
type Values<Table extends ParameterTable> = {
  readonly [Name in keyof Table]:
    | ValueOfKind[Table[Name]['kind']]
    | (Table[Name] extends { required: true } | { default: NonNullable<unknown> }
        ? never
        : undefined);
};

/** What a file of this directory says about its program. */
interface Definition<Table extends ParameterTable> {
  /** One sentence that starts with what the preset does. */
  readonly about: string;
  /** What the program and the pod must have. */
  readonly needs: readonly string[];
  /** The same, if a parameter is given. */
  readonly needsFor?: { readonly [Name in keyof Table]?: string };
  /** A flag of the program that is all that the first of `needs` is about. */
  readonly flag?: string;
  readonly parameters: Table;
  /** A command of the program that checks the files, as the example for the parameter `check`. */
  readonly check?: readonly string[];
  /** How long the proof may take, and must last, unless the user sets it. */
  readonly timing: { readonly within: string; readonly hold: string };
  /**
   * The keys of a bundle, as a person would write them in the settings; what is undefined is left
   * out. Uses the parameters and nothing else.
   */
  bundleKeys(parameters: Values<Table>): {
    readonly targets?: readonly (object | undefined)[];
    readonly confirm: object;
  };
  /** How the program returns to the last good version. */
  readonly rollback: string;
  /** What the proof cannot see, and what else a reader should know before an incident. */
  readonly limits: readonly string[];
  /** Where the documentation of the program says so. */
  readonly sources: readonly string[];
}

/**
 * What lastgood knows about one program: how to notify it of a new configuration, what proves that it
 * runs on it, and how it returns to the last good one.
 */
export type Preset = ReturnType<typeof definePreset>;

/** Adds the parameters that every preset has, and what they do. */
export function definePreset<const Table extends ParameterTable>({
  check: example,
  needsFor: ofParameters,
  timing,
  ...preset
}: Definition<Table>) {
  const needsFor: Readonly<Record<string, string>> = {
    ...ofParameters,
    ...(example && { check: CHECK_PROGRAM }),
  };
  const needs = [...preset.needs, ...Object.values(needsFor)];
  const parameters: ParameterTable = {
    ...preset.parameters,
    ...(example && { check: { about: CHECK, kind: 'command', example } }),
    within: { about: 'Deadline for the proof.', kind: 'duration', default: timing.within },
    hold: { about: 'How long the proof must hold.', kind: 'duration', default: timing.hold },
  };
  const bundleKeys = ({ check, within, hold, ...values }: Readonly<Record<string, unknown>>) => {
    const { targets, confirm } = preset.bundleKeys(values as never);
    return {
      targets: targets?.filter((target) => target !== undefined) ?? [],
      confirm: { within, hold, ...confirm },
      validate: check === undefined ? [] : [{ exec: { command: check, timeout: '30s' } }],
    };
  };
  return { ...preset, needs, needsFor, parameters, bundleKeys };
}

const CHECK = 'Command that must exit with 0 before the change is published; off by default.';

const CHECK_PROGRAM = 'The program of `check` in the image of the sidecar, if `check` is used.';
