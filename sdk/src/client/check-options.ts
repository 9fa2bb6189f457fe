import { FORMAT_NAMES } from '@lastgood/core/formats/format.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ConnectOptions, ViewOptions } from '../config.ts';
import { ConfigError } from '../config-error.ts';

type AnySchema = StandardSchemaV1 | undefined;

/** Throws a `ConfigError` for an option that an app in JavaScript got wrong, before it fails at another place. */
export function checkOptions(options: ConnectOptions<AnySchema>): void {
  checkViewOptions(options);
  for (const name of ['directory', 'socket', 'bundle'] as const)
    check(name, isTextOrNone(options[name]), 'a string');
  // A glob that can match nothing would show the values of its files (P8).
  const { secret = [] } = options;
  const isFit = Array.isArray(secret) && secret.every(isGlobInside);
  check('secret', isFit, "a list of globs, relative to the directory: ['db/**']");
  for (const name of ['timeoutMs', 'prepareTimeoutMs'] as const)
    check(name, (options[name] ?? 0) >= 0, 'a number of milliseconds');
}

export function checkViewOptions({ file, keys, format, schema }: ViewOptions<AnySchema>): void {
  check('file', isTextOrNone(file), 'a string');
  check('keys', isTextOrNone(keys), 'a string');
  check('file', file === undefined || keys === undefined, 'left out if there is `keys`');
  const isKnown = format === undefined || FORMAT_NAMES.includes(format);
  check('format', isKnown, `one of ${FORMAT_NAMES.join(', ')}`);
  const isSchema = schema === undefined || typeof schema?.['~standard']?.validate === 'function';
  check('schema', isSchema, 'a Standard Schema, such as one of zod, valibot or arktype');
}

function isTextOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isGlobInside(glob: unknown): boolean {
  return typeof glob === 'string' && /^(?!\.*\/*$|\/|\.\.\/)/.test(glob);
}

function check(name: string, isFit: boolean, wanted: string): void {
  if (!isFit) throw new ConfigError('LG_SDK_OPTION', [name, wanted]);
}
