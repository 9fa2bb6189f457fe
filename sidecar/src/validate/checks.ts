import picomatch from 'picomatch';
import { findingOf } from '../errors.ts';
import type { CheckSettings, SchemaSettings } from '../settings/settings.ts';
import type { SnapshotFile } from '../snapshot.ts';
import { type Judgement, judgementOf } from './findings.ts';
import type { SchemaCheck } from './json-schema.ts';
import type { ReadSchema } from './schema-file.ts';

/** One entry of `validate`, ready to be asked. */
export interface Check {
  /** As in the settings, without a leading `./`. */
  readonly files: string;
  /** `files` names one file, which must be there; a glob may match nothing. */
  readonly literal: boolean;
  readonly matches: (path: string) => boolean;
  readonly format: CheckSettings['format'];
  readonly schema: SchemaCheck | undefined;
}

/** Rejects with `LG_SETTINGS_SCHEMA` when a schema cannot be used. */
export async function createChecks(
  settings: readonly CheckSettings[],
  read: ReadSchema,
): Promise<Check[]> {
  const named = settings.flatMap(({ schema }) => schema ?? []);
  const schemas =
    named.length > 0 ? await loadSchemas(named, read) : new Map<string, SchemaCheck>();
  return settings.map(({ files: written, format, schema }) => {
    const files = written.replace(/^\.\//, '');
    const { isGlob, negated } = picomatch.scan(files);
    const literal = !isGlob && negated !== true;
    return {
      files,
      literal,
      matches: literal ? (path) => path === files : matcherOf(files),
      format,
      schema: schema === undefined ? undefined : schemas.get(schema.path),
    };
  });
}

/** A name with brackets in it is a glob that does not match itself; as a name it counts as well. */
function matcherOf(glob: string): (path: string) => boolean {
  const matches = picomatch(glob, { dot: true });
  return (path) => path === glob || matches(path);
}

/** ajv costs tens of milliseconds and some megabytes, so it is loaded only where a schema is named. */
async function loadSchemas(
  named: readonly SchemaSettings[],
  read: ReadSchema,
): Promise<Map<string, SchemaCheck>> {
  const { loadSchema } = await import('./json-schema.ts');
  // Each file once; what is wrong with it is told where it is named first.
  const once = new Map(named.toReversed().map((schema) => [schema.path, schema]));
  const loaded = await Promise.all(
    [...once.values()].map(
      async (schema) => [schema.path, await loadSchema(schema, read)] as const,
    ),
  );
  return new Map(loaded);
}

/** The files that a check names and the snapshot lacks. */
export function missingFiles(checks: readonly Check[], files: readonly SnapshotFile[]): Judgement {
  const present = new Set(files.map(({ path }) => path));
  const named = new Set(checks.filter(({ literal }) => literal).map((check) => check.files));
  const missing = [...named].filter((path) => !present.has(path));
  const findings = missing.map((file) => findingOf('LG_VALIDATE_MISSING', [], { file }));
  return judgementOf(findings);
}
