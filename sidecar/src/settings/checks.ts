import { resolve as resolvePath } from 'node:path';
import { FORMAT_NAMES, type FormatName } from '@lastgood/core/formats/format.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import * as z from 'zod/mini';
import { type ExecSettings, execSchema } from './exec.ts';
import { key, mapping, optional, type Report, requireOneOf } from './mapping.ts';
import { SHAPE_MODES, type ShapeMode } from './shape-modes.ts';
import { glob, listOf, someText } from './values.ts';
import { mustHidden } from './wording.ts';

/** A longer rule is a program, and belongs in a schema module or an exec check. */
const MAX_RULE_LENGTH = 4096;

const rule = z.strictObject({
  rule: key(
    'CEL expression that must be true; `self` is the content, `oldSelf` that of the active version.',
    someText.check(
      z.maxLength(MAX_RULE_LENGTH, mustHidden(`be at most ${MAX_RULE_LENGTH} characters long`)),
    ),
  ),
  message: optional('Message if the rule is not true.', someText),
});

/** The keys of an entry of `validate`. */
export const checkKeys = {
  files: optional('Path or glob inside the snapshot.', glob),
  keys: optional('Glob of files that are checked as one object with a key for each.', glob),
  format: optional(
    'Format of the files; `auto` decides by the file name.',
    z.enum(['auto', ...FORMAT_NAMES]),
  ),
  strict: optional(
    'Reject what some common readers of the format refuse or read differently; else only warn.',
    z.boolean(),
  ),
  tags: optional(
    'YAML tags that the app knows, such as `!secret`; no warning.',
    listOf(someText, 1),
  ),
  schema: optional(
    'JSON Schema file, or .mjs or .ts module with a Standard Schema; relative to the settings file.',
    someText,
  ),
  rules: optional(
    'CEL rules; without `files` and `keys`, `self` is the whole bundle: each file by its path.',
    listOf(rule, 1),
  ),
  shape: optional('Compares the shape of files with the last good version.', z.enum(SHAPE_MODES)),
  traps: optional('Reports secrets that look like a mistake.', z.enum(['off', 'warn', 'error'])),
  exec: optional(
    'Runs a command that must exit with 0.',
    execSchema(
      'Program and arguments; `{dir}` is replaced by the directory of a copy of the files.',
    ),
  ),
};

/** The keys that say what an entry of `validate` is, and those that may accompany each. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  files: ['format', 'strict', 'tags', 'schema', 'rules'],
  keys: ['schema', 'rules'],
  shape: [],
  traps: [],
  exec: [],
  rules: [],
};

/** One entry of `validate`: one key says what it checks. */
export const checkSchema = mapping(checkKeys, (check, report) => {
  const set = Object.entries(check).flatMap(([name, value]) => (value === undefined ? [] : name));
  const { files, keys, shape, traps, exec, rules } = check;
  const [kind = ''] = requireOneOf({ files, keys, shape, traps, exec, rules }, report);
  for (const name of set)
    if (name !== kind && KINDS[kind]?.includes(name) === false)
      report([name], `cannot be combined with ${kind}`);
  if (kind === 'keys' && (check.schema ?? rules) === undefined)
    report([], 'needs "schema" or "rules" in addition to keys');
  return check;
});

type Check = z.output<typeof checkSchema>;

export type TrapsMode = NonNullable<Check['traps']>;

/** A bundle has at most one check of its shape, and one for traps. */
export function checkDuplicates(checks: readonly Check[], report: Report): void {
  for (const kind of ['shape', 'traps'] as const) {
    const [, second] = [...checks.keys()].filter((index) => checks[index]?.[kind] !== undefined);
    if (second !== undefined) report(['validate', second, kind], 'is set twice');
  }
}

/** One entry of `validate`; the key that it has tells which kind it is. */
export type CheckSettings =
  | FilesCheckSettings
  | KeysCheckSettings
  | RulesCheckSettings
  | { readonly shape: ShapeMode }
  | { readonly traps: TrapsMode }
  | { readonly exec: ExecSettings };

/** Checks each file on its own. */
export interface FilesCheckSettings extends RulesCheckSettings {
  readonly files: string;
  readonly format: 'auto' | FormatName;
  /** Warnings of the format are errors. */
  readonly strict: boolean;
  /** YAML tags that the app knows. */
  readonly tags: readonly string[];
  readonly schema: SchemaSettings | undefined;
}

/** Checks a volume with one file per key as one object. */
export interface KeysCheckSettings extends RulesCheckSettings {
  readonly keys: string;
  readonly schema: SchemaSettings | undefined;
}

/** Alone, for all files of the bundle, each by its path. */
interface RulesCheckSettings {
  readonly rules: readonly RuleSettings[];
}

export interface SchemaSettings {
  /** Absolute path of a JSON Schema file, or of a module that exports a Standard Schema. */
  readonly path: string;
  /** Where the settings name it. */
  readonly namedAt: Location;
}

export interface RuleSettings {
  /** CEL. */
  readonly rule: string;
  readonly message: string | undefined;
  /** Where the text of the rule starts in the settings file. Used only if the rule is wrong. */
  readonly namedAt: Location;
  /** The file has the text on one line without escapes, so that their columns correspond. */
  readonly verbatim: boolean;
}

/** Finds a place in the settings file. */
export interface Locate {
  (path: Pointer): Location;
  /** Where a text starts, and whether the file has all of it without escapes. */
  text(path: Pointer, text: string): { readonly location: Location; readonly verbatim: boolean };
}

/** Adds the places in the settings file. A relative path of a schema starts at `directory`. */
export function locateCheck(
  check: Check,
  path: Pointer,
  { directory, locate }: { readonly directory: string; readonly locate: Locate },
): CheckSettings {
  const { files, keys, format = 'auto', strict = false, tags = [], shape, traps, exec } = check;
  const rules = (check.rules ?? []).map((each, index) =>
    locateRule(each, [...path, 'rules', index, 'rule'], locate),
  );
  const schema =
    check.schema === undefined
      ? undefined
      : {
          path: resolvePath(directory, check.schema),
          // Found on demand: the search takes 3 ms of the start.
          get namedAt() {
            return locate([...path, 'schema']);
          },
        };
  if (files !== undefined) return { files, format, strict, tags, schema, rules };
  if (keys !== undefined) return { keys, schema, rules };
  if (shape !== undefined) return { shape };
  if (traps !== undefined) return { traps };
  return exec === undefined ? { rules } : { exec };
}

function locateRule(
  { rule, message }: NonNullable<Check['rules']>[number],
  path: Pointer,
  locate: Locate,
): RuleSettings {
  let found: ReturnType<Locate['text']> | undefined;
  // Found on demand and once: a thread that checks a large file receives all settings.
  const place = () => {
    found ??= locate.text(path, rule);
    return found;
  };
  return {
    rule,
    message,
    get namedAt() {
      return place().location;
    },
    get verbatim() {
      return place().verbatim;
    },
  };
}
