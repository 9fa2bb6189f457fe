import { FlagdCore, MemoryStorage } from '@openfeature/flagd-core';
import type {
  EvaluationContext,
  FlagValue,
  FlagValueType,
  Logger,
  ResolutionDetails,
} from '@openfeature/server-sdk';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { messageOf } from '../client/guard.ts';
import { deepFreeze } from '../values/freeze.ts';
import { isPlainObject } from '../values/plain-object.ts';

/** All flags of a file in flagd's format. Rules are evaluated by flagd's own library. */
export class FlagSet {
  readonly #core: FlagdCore;

  /** Throws what flagd refuses. */
  constructor(file: unknown) {
    // Flags must not become code.
    const storage = new MemoryStorage(SILENT, { disableDynamicCodeGeneration: true });
    storage.setConfigurations(JSON.stringify(file));
    // It returns the values of variants themselves.
    for (const { variants } of storage.getFlags().values())
      for (const value of variants.values()) deepFreeze(value);
    this.#core = new FlagdCore(storage, SILENT);
  }

  resolve<T extends FlagValue>(
    ...args: [FlagValueType, string, T, EvaluationContext, Logger]
  ): ResolutionDetails<T> {
    return this.#core.resolve(...args);
  }

  /** Flags whose rules cannot be read: flagd answers the default of the caller. */
  findUnreadable(): string[] {
    const flags = [...this.#core.getFlags()];
    return flags.flatMap(([key, flag]) =>
      flag.evaluate({}).errorCode === 'PARSE_ERROR' ? key : [],
    );
  }

  /** Names of flags that were added, removed or changed. */
  changedSince(previous: FlagSet): string[] {
    const [before, after] = [previous.#core.getFlags(), this.#core.getFlags()];
    const keys = new Set([...before.keys(), ...after.keys()]);
    return [...keys].filter((key) => before.get(key)?.hash !== after.get(key)?.hash);
  }

  equals(other: FlagSet): boolean {
    return this.changedSince(other).length === 0;
  }
}

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Refuses what flagd refuses, and rules that it could never evaluate. */
export const FLAG_FILE: StandardSchemaV1<unknown, FlagSet> = {
  '~standard': { version: 1, vendor: 'lastgood', validate },
};

function validate(file: unknown): StandardSchemaV1.Result<FlagSet> {
  const flags = isPlainObject(file) ? file.flags : undefined;
  if (!isPlainObject(flags)) return { issues: [{ message: 'must have an object "flags"' }] };
  const issues = Object.entries(flags).flatMap(([key, flag]) => findIssues(key, flag));
  if (issues.length > 0) return { issues };
  try {
    const value = new FlagSet(file);
    const unreadable = value.findUnreadable();
    if (unreadable.length === 0) return { value };
    const message = 'has an operator or $ref that flagd does not know';
    return { issues: unreadable.map((key) => ({ message, path: ['flags', key, 'targeting'] })) };
  } catch (error) {
    return { issues: [{ message: messageOf(error) }] };
  }
}

/** What flagd throws for, with its place. Source: FeatureFlag.validateStructure of flagd-core. */
function findIssues(key: string, flag: unknown): StandardSchemaV1.Issue[] {
  const issue = (message: string, ...path: string[]) => [
    { message, path: ['flags', key, ...path] },
  ];
  if (!isPlainObject(flag) || !isPlainObject(flag.variants)) return issue('must have variants');
  const { state, defaultVariant, variants } = flag;
  if (state !== 'ENABLED' && state !== 'DISABLED')
    return issue('must have the state ENABLED or DISABLED', 'state');
  const isKnown = typeof defaultVariant === 'string' && Object.hasOwn(variants, defaultVariant);
  if (defaultVariant && !isKnown) return issue('must be one of the variants', 'defaultVariant');
  return [];
}
