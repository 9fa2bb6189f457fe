import { FeatureFlag, FlagdCore } from '@openfeature/flagd-core';
import type {
  EvaluationContext,
  FlagValue,
  FlagValueType,
  Logger,
  ResolutionDetails,
} from '@openfeature/server-sdk';
import { deepFreeze } from '../values/freeze.ts';

/** In flagd's format, as far as it is read before flagd gets it. */
export interface FlagFile {
  readonly flags: Readonly<Record<string, ConstructorParameters<typeof FeatureFlag>[1]>>;
  /** Of all flags. */
  readonly metadata?: object;
  /** Rules that flags share: `{ "$ref": "name" }`. */
  readonly $evaluators?: object;
}

/** As much as a bundle may have. Rules that name rules that name rules could fill the memory. */
const MAX_EXPANDED_LENGTH = 4 * 2 ** 20;

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** All flags of a file. Each is evaluated by flagd's own library. */
export class FlagSet {
  readonly #flags: ReadonlyMap<string, FeatureFlag>;
  readonly #core: FlagdCore;

  /** Throws what flagd throws. */
  constructor(file: FlagFile) {
    const flags = new Map(readFlags(file).map((flag) => [flag.key, flag]));
    this.#flags = flags;
    // Not flagd's storage: its check of the whole file takes most of the time, and only warns.
    const storage = {
      getFlag: (key: string) => flags.get(key),
      getFlags: () => flags,
      getFlagSetMetadata: () => ({ ...file.metadata }),
      setConfigurations: () => [],
    };
    this.#core = new FlagdCore(storage, SILENT);
  }

  resolve<T extends FlagValue>(
    ...args: [FlagValueType, string, T, EvaluationContext, Logger]
  ): ResolutionDetails<T> {
    return this.#core.resolve(...args);
  }

  /** Flags whose rules cannot be read: flagd answers the default of the caller. */
  findUnreadable(): string[] {
    return [...this.#flags.values()]
      .filter((flag) => flag.evaluate({}).errorCode === 'PARSE_ERROR')
      .map(({ key }) => key);
  }

  /** Names of flags that were added, removed or changed. */
  changedSince(previous: FlagSet): string[] {
    const [before, after] = [previous.#flags, this.#flags];
    const keys = new Set([...before.keys(), ...after.keys()]);
    return [...keys].filter((key) => before.get(key)?.hash !== after.get(key)?.hash);
  }

  equals(other: FlagSet): boolean {
    return this.changedSince(other).length === 0;
  }
}

function readFlags(file: FlagFile): FeatureFlag[] {
  const { flags, metadata }: FlagFile = JSON.parse(expandRefs(file));
  return Object.entries(flags).map(([key, flag]) => {
    // A flag returns the value of a variant itself.
    const own = { ...deepFreeze(flag), metadata: { ...metadata, ...flag.metadata } };
    // Rules must not become code.
    return new FeatureFlag(key, own, SILENT, { disableDynamicCodeGeneration: true });
  });
}

/** Puts rules in place of each `$ref`, as flagd does: in their order, so that a rule may name a later one. */
function expandRefs({ flags, metadata, $evaluators = {} }: FlagFile): string {
  let text = JSON.stringify({ flags, metadata });
  for (const [name, value] of Object.entries($evaluators)) {
    const rule = JSON.stringify(value);
    const parts = text.split(`{"$ref":"${name}"}`);
    if (text.length + parts.length * rule.length > MAX_EXPANDED_LENGTH)
      throw new Error('is too large with each $ref replaced by its rule');
    text = parts.join(rule);
  }
  return text;
}
