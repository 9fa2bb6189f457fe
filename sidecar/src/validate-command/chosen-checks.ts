import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { findingOf } from '../errors.ts';
import { FORMAT_NAMES } from '../formats/format.ts';
import { PARSED_FILES } from '../formats/formats.ts';
import { suggestion } from '../settings/did-you-mean.ts';
import { load } from '../settings/load.ts';
import type { BundleSettings, CheckSettings, FilesCheckSettings } from '../settings/settings.ts';
import { shownValue } from '../settings/wording.ts';
import { createValidator, type Validator } from '../validate/validate.ts';
import type { Finding } from '../verdict.ts';
import type { ValidateRequest } from './request.ts';

/** The checks that the command line names, by itself or by the settings. */
export interface ChosenChecks {
  /** A volume of one of the bundles is secret, so what a file holds may be. */
  readonly secret: boolean;
  /** The validator for an input that holds these files. Rejects with `LG_SETTINGS_SCHEMA`. */
  validatorFor(paths: ReadonlySet<string>): Promise<Validator>;
}

export type Chosen =
  | { readonly ok: true; readonly checks: ChosenChecks }
  | { readonly ok: false; readonly findings: readonly Finding[] };

const FORMATS: readonly FilesCheckSettings['format'][] = ['auto', ...FORMAT_NAMES];

/** Reads the flags and the settings; what is wrong with them is findings. */
export async function chooseChecks(request: ValidateRequest): Promise<Chosen> {
  const flagged = checksOfFlags(request);
  if ('findings' in flagged) return { ok: false, findings: flagged.findings };
  const bundles = await bundlesOf(request);
  if ('findings' in bundles) return { ok: false, findings: bundles.findings };
  const { candidates } = bundles;
  const validators = new Map<string, Promise<Validator>>();
  return {
    ok: true,
    checks: {
      secret: candidates.some(({ volumes }) => volumes.some(({ secret }) => secret)),
      validatorFor: (paths) => {
        const fitting = candidates.length === 1 ? candidates : candidates.filter(fits(paths));
        const key = fitting.map(({ name }) => name).join();
        const checks = [...flagged.checks, ...fitting.flatMap(({ validate }) => validate)];
        const validator = validators.get(key) ?? createValidator(checks);
        validators.set(key, validator);
        return validator;
      },
    },
  };
}

type Wrong = { readonly findings: readonly Finding[] };

function wrong(message: string): Wrong {
  return { findings: [findingOf('LG_USAGE', [message])] };
}

function checksOfFlags({
  schemas,
  formats,
}: ValidateRequest): { readonly checks: readonly CheckSettings[] } | Wrong {
  const checks: CheckSettings[] = [];
  for (const { glob, value } of formats.map(globAndValue)) {
    const format = FORMATS.find((each) => each === value);
    if (format === undefined)
      return wrong(`unknown format ${shownValue(value)}${suggestion(value, FORMATS)}`);
    checks.push({ files: glob ?? '**', format, schema: undefined, rules: [] });
  }
  for (const { glob, value } of schemas.map(globAndValue)) {
    const schema = { path: resolve(value), namedAt: { file: '--schema' } };
    // With a format for every file, every file can be held against the schema.
    const all = formats.some((each) => !each.includes('=')) ? '**' : PARSED_FILES;
    checks.push({ files: glob ?? all, format: 'auto', schema, rules: [] });
  }
  return { checks };
}

function globAndValue(flag: string): { readonly glob: string | undefined; readonly value: string } {
  const at = flag.indexOf('=');
  if (at === -1) return { glob: undefined, value: flag };
  return { glob: flag.slice(0, at), value: flag.slice(at + 1) };
}

async function bundlesOf({
  config,
  bundle: name,
}: ValidateRequest): Promise<{ readonly candidates: readonly BundleSettings[] } | Wrong> {
  if (config === undefined)
    return name === undefined ? { candidates: [] } : wrong('--bundle needs --config');
  const loaded = await load(config);
  if (!loaded.ok) return { findings: loaded.findings };
  const bundles = loaded.settings.bundles.map((bundle) => withSchemasHere(bundle, config));
  if (name === undefined) return { candidates: bundles };
  const named = bundles.filter((bundle) => bundle.name === name);
  const names = bundles.map((bundle) => bundle.name);
  if (named.length > 0) return { candidates: named };
  return wrong(`${config} has no bundle ${shownValue(name)}${suggestion(name, names)}`);
}

/** The settings of a pod name its paths; a schema that is not there is looked for beside them. */
function withSchemasHere(bundle: BundleSettings, config: string): BundleSettings {
  const validate = bundle.validate.map((check) => {
    const schema = 'schema' in check ? check.schema : undefined;
    if (schema === undefined || existsSync(schema.path)) return check;
    const path = join(dirname(config), basename(schema.path));
    return existsSync(path) ? { ...check, schema: { ...schema, path } } : check;
  });
  return { ...bundle, validate };
}

/** Of several bundles, those whose named files are all there. */
function fits(paths: ReadonlySet<string>): (bundle: BundleSettings) => boolean {
  return ({ validate }) =>
    validate
      .filter((check) => 'files' in check)
      .map(({ files }) => files.replace(/^\.\//, ''))
      .filter(isName)
      .every((files) => paths.has(files));
}

function isName(files: string): boolean {
  const { isGlob, negated } = picomatch.scan(files);
  return !isGlob && negated !== true;
}
