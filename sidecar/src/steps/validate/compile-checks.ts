import type { ViewSelection } from '@lastgood/core/formats/show-view.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { quote } from '@lastgood/core/model/quote.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import picomatch from 'picomatch';
import type { RuleCheck } from '../../checks/cel/rules.ts';
import type { CheckResult } from '../../checks/check-result.ts';
import type { CompileOptions } from '../../checks/json-schema/compile.ts';
import type { SchemaCheck } from '../../checks/json-schema/schema-check.ts';
import type { ReadSchema } from '../../checks/json-schema/schema-file.ts';
import type {
  CheckSettings,
  ExecSettings,
  FilesCheckSettings,
  RuleSettings,
  SchemaSettings,
  ShapeMode,
  TrapsMode,
} from '../../settings/settings.ts';

/** All entries of `validate`, by kind and compiled. */
export interface Checks {
  readonly files: readonly FilesCheck[];
  readonly keys: readonly KeysCheck[];
  /** For the whole bundle. */
  readonly rules: RuleCheck | undefined;
  readonly shape: ShapeMode;
  readonly traps: TrapsMode;
  /** Commands to run on a copy of the files, in this order. */
  readonly execs: readonly ExecSettings[];
  /** Whether to compute semantic digests. */
  readonly meaning: boolean;
  /** Of apps, not of the settings. */
  readonly views: readonly ViewCheck[];
}

/** The files of a path or a glob. */
interface Named {
  /** As in the settings, without a leading `./`. */
  readonly name: string;
  /** It names one file, which must be there; a glob may match nothing. */
  readonly literal: boolean;
  readonly matches: (path: string) => boolean;
}

/** A check of each file on its own. */
export interface FilesCheck extends Named {
  readonly format: FilesCheckSettings['format'];
  readonly strict: boolean;
  readonly tags: readonly string[];
  readonly schema: SchemaCheck | undefined;
  readonly rules: RuleCheck | undefined;
}

/** A check of all files as one object. */
export interface KeysCheck extends Named {
  /** The directory of the keys, with a trailing slash unless it is the top. */
  readonly base: string;
  /** Converts text to the numbers and booleans that it requires. */
  readonly schema: SchemaCheck | undefined;
  readonly rules: RuleCheck | undefined;
}

/** The schema of an app for a part of the bundle, which the app reads as one value. */
export interface ViewCheck {
  readonly view: ViewSelection;
  readonly schema: SchemaCheck;
}

/** Names the schema of an app for a view: where its text is among the schemas of a context. */
export interface ViewSettings {
  readonly view: ViewSelection;
  readonly schema: SchemaSettings;
}

interface CheckOptions {
  readonly read: ReadSchema;
  readonly meaning: boolean;
  readonly views?: readonly ViewSettings[];
}

/** Only the check of a view. */
export function checksOfView(check: ViewCheck): Checks {
  const none = { files: [], keys: [], rules: undefined, execs: [], meaning: false } as const;
  return { ...none, shape: 'off', traps: 'off', views: [check] };
}

/** Compiles the checks. Rejects with `LG_SETTINGS_SCHEMA` or `LG_SETTINGS_RULE` if that is not possible. */
export async function createChecks(
  settings: readonly CheckSettings[],
  { read, meaning, views = [] }: CheckOptions,
): Promise<Checks> {
  const perFile = settings.filter((check) => 'files' in check);
  const perKey = settings.filter((check) => 'keys' in check);
  const ofBundle = settings.flatMap((check) =>
    'rules' in check && !('files' in check) && !('keys' in check) ? check.rules : [],
  );
  const [schemaOf, schemaOfKeys, schemaOfView, rulesOf] = await Promise.all([
    loadSchemas(perFile, read, {}),
    loadSchemas(perKey, read, { coerce: true }),
    loadSchemas(views, read, { isOfApp: true }),
    loadRules(settings),
  ]);
  return {
    files: perFile.map((check) => ({
      ...namedBy(check.files),
      format: check.format,
      strict: check.strict,
      tags: check.tags,
      schema: schemaOf(check.schema),
      rules: rulesOf(check.rules),
    })),
    keys: perKey.map((check) => ({
      ...namedBy(check.keys),
      base: baseOf(check.keys),
      schema: schemaOfKeys(check.schema),
      rules: rulesOf(check.rules),
    })),
    rules: rulesOf(ofBundle),
    shape: settings.find((check) => 'shape' in check)?.shape ?? 'warn',
    traps: settings.find((check) => 'traps' in check)?.traps ?? 'warn',
    execs: settings.flatMap((check) => ('exec' in check ? [check.exec] : [])),
    meaning,
    views: views.flatMap(({ view, schema: named }) => {
      const schema = schemaOfView(named);
      return schema === undefined ? [] : { view, schema };
    }),
  };
}

function namedBy(written: string): Named {
  const name = written.replace(/^\.\//, '');
  const { isGlob, negated } = picomatch.scan(name);
  if (!isGlob && negated !== true) return { name, literal: true, matches: (path) => path === name };
  const matches = picomatch(name, { dot: true });
  // A name with brackets is a glob that does not match itself, but means that file too.
  return { name, literal: false, matches: (path) => path === name || matches(path) };
}

/** The directory of a glob for keys: `db/` for `db/*`. */
function baseOf(written: string): string {
  const { base, isGlob } = picomatch.scan(written.replace(/^\.\//, ''));
  const directory = isGlob ? base : base.split('/').slice(0, -1).join('/');
  return directory === '' || directory === '.' ? '' : `${directory}/`;
}

/** ajv costs tens of milliseconds and some megabytes, so it is loaded only for a schema. */
async function loadSchemas(
  checks: readonly { readonly schema: SchemaSettings | undefined }[],
  read: ReadSchema,
  options: CompileOptions,
): Promise<(schema: SchemaSettings | undefined) => SchemaCheck | undefined> {
  const named = checks.flatMap(({ schema }) => schema ?? []);
  if (named.length === 0) return () => undefined;
  const { loadSchema } = await import('../../checks/json-schema/load.ts');
  // Each file once; its issues are reported where it is named first.
  const once = new Map(named.toReversed().map((schema) => [schema.path, schema]));
  const load = async (schema: SchemaSettings) =>
    [schema.path, await loadSchema(schema, read, options)] as const;
  const loaded = new Map(await Promise.all([...once.values()].map(load)));
  return (schema) => (schema === undefined ? undefined : loaded.get(schema.path));
}

/** CEL is loaded only for a rule, for the same reason. */
async function loadRules(
  settings: readonly CheckSettings[],
): Promise<(rules: readonly RuleSettings[]) => RuleCheck | undefined> {
  if (!settings.some((check) => 'rules' in check && check.rules.length > 0)) return () => undefined;
  const { createRuleCheck } = await import('../../checks/cel/rules.ts');
  return (rules) => (rules.length === 0 ? undefined : createRuleCheck(rules));
}

/** Findings for files that a check names and the snapshot lacks. */
export function missingFiles(
  { files: checks }: Checks,
  files: readonly SnapshotFile[],
): CheckResult {
  const present = new Set(files.map(({ path }) => path));
  const named = new Set(checks.filter(({ literal }) => literal).map(({ name }) => name));
  const missing = [...named].filter((path) => !present.has(path));
  const findings = missing.map((file) => findingOf('LG_VALIDATE_MISSING', [], { file }));
  return { findings };
}

/**
 * Warns of globs that match no file: their checks look as if they had passed (P11). Each is reported once,
 * and again if it had a match meanwhile.
 */
export function createUnmatchedFinder({ files, keys }: Checks) {
  const globs = [...files, ...keys].filter(({ literal }) => !literal);
  const reported = new Set<Named>();
  return (present: readonly SnapshotFile[]): readonly Finding[] =>
    globs.flatMap((glob) => {
      if (present.some(({ path }) => glob.matches(path))) {
        reported.delete(glob);
        return [];
      }
      if (reported.has(glob)) return [];
      reported.add(glob);
      return warningOf('LG_SETTINGS_UNMATCHED', [quote(glob.name)]);
    });
}
