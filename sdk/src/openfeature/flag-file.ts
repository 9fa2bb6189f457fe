import type { StandardSchemaV1 } from '@standard-schema/spec';
import { messageOf } from '../client/guard.ts';
import { isPlainObject } from '../values/plain-object.ts';
import { type FlagFile, FlagSet } from './flag-set.ts';

/** A file in flagd's format. Refuses what flagd refuses, and rules that it could never evaluate. */
export const FLAG_FILE: StandardSchemaV1<unknown, FlagSet> = {
  '~standard': { version: 1, vendor: 'lastgood', validate },
};

function validate(file: unknown): StandardSchemaV1.Result<FlagSet> {
  const flags = isPlainObject(file) ? file.flags : undefined;
  if (!isPlainObject(flags)) return { issues: [{ message: 'must have an object "flags"' }] };
  const issues = Object.entries(flags).flatMap(([key, flag]) => findIssues(key, flag));
  if (issues.length > 0) return { issues };
  try {
    const value = new FlagSet(file as FlagFile);
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
