import { FORMAT_NAMES } from '@lastgood/core/formats/format.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { ConnectOptions, ViewOptions } from '../config.ts';
import { ConfigError } from '../config-error.ts';

type AnySchema = StandardSchemaV1 | undefined;

const VIEW_OPTIONS: Readonly<Record<keyof ViewOptions, true>> = {
  file: true,
  keys: true,
  format: true,
  schema: true,
};

const CONNECT_OPTIONS: Readonly<Record<keyof ConnectOptions, true>> = {
  ...VIEW_OPTIONS,
  bundle: true,
  socket: true,
  directory: true,
  secret: true,
  timeoutMs: true,
  prepareTimeoutMs: true,
  signal: true,
};

/** Throws a `ConfigError` for an option that an app in JavaScript got wrong, before it fails at another place. */
export function checkOptions(options: ConnectOptions<AnySchema>): void {
  checkNames(options, CONNECT_OPTIONS);
  checkView(options);
  for (const name of ['directory', 'socket', 'bundle'] as const)
    check(name, isTextOrNone(options[name]), TEXT);
  const isOnePlace = options.directory === undefined || options.socket === undefined;
  check('socket', isOnePlace, 'left out if there is `directory`');
  // A glob that can match nothing would show the values of its files (P8).
  const { secret = [] } = options;
  const isFit = Array.isArray(secret) && secret.every(isGlobInside);
  check('secret', isFit, "a list of globs, relative to the directory: ['db/**']");
  for (const name of ['timeoutMs', 'prepareTimeoutMs'] as const)
    check(name, (options[name] ?? 0) >= 0, 'a number of milliseconds');
}

export function checkViewOptions(options: ViewOptions<AnySchema>): void {
  checkNames(options, VIEW_OPTIONS);
  checkView(options);
}

/** A misspelt `schema` would switch off what it checks. */
function checkNames(options: object, known: Readonly<Record<string, true>>): void {
  for (const name of Object.keys(options))
    check(name, Object.hasOwn(known, name), `one of ${Object.keys(known).join(', ')}`);
}

function checkView({ file, keys, format, schema }: ViewOptions<AnySchema>): void {
  check('file', isTextOrNone(file), TEXT);
  check('keys', isTextOrNone(keys), TEXT);
  check('file', file === undefined || keys === undefined, 'left out if there is `keys`');
  const isKnown = format === undefined || FORMAT_NAMES.includes(format);
  check('format', isKnown, `one of ${FORMAT_NAMES.join(', ')}`);
  const isSchema = schema === undefined || typeof schema?.['~standard']?.validate === 'function';
  check('schema', isSchema, 'a Standard Schema, such as one of zod, valibot or arktype');
}

const TEXT = 'a string that is not empty';

function isTextOrNone(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value !== '');
}

function isGlobInside(glob: unknown): boolean {
  return typeof glob === 'string' && /^(?!\.*\/*$|\/|\.\.\/)/.test(glob);
}

function check(name: string, isFit: boolean, wanted: string): void {
  if (!isFit) throw new ConfigError('LG_SDK_OPTION', [name, wanted]);
}
