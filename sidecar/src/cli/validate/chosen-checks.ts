import type { Finding } from '@lastgood/core/model/finding.ts';
import type { BundleSettings, CheckSettings } from '../../settings/settings.ts';
import { createValidator, type Validator } from '../../steps/validate/validator.ts';
import { bundlesOf, directoriesOf } from './bundles.ts';
import { type Commands, createCommands } from './commands.ts';
import { checksOfPart, namesIn, type Part } from './fitting-checks.ts';
import { checksOfFlags } from './flag-checks.ts';
import type { ValidateRequest } from './flags.ts';

/** The checks that the command line names, by itself or by the settings. */
export interface ChosenChecks {
  /** A volume of one of the bundles is secret, so what a file holds may be. */
  readonly secret: boolean;
  readonly commands: Commands;
  /** Those for an input that holds these files. */
  checksFor(paths: ReadonlySet<string>): InputChecks;
}

export interface InputChecks {
  /** The files that checks name and the input lacks. */
  readonly missing: readonly string[];
  /** The validator for a part of it. Rejects with `LG_SETTINGS_SCHEMA` or `LG_SETTINGS_RULE`. */
  validatorFor(part: Part): Promise<Validator>;
}

export type Chosen =
  | { readonly ok: true; readonly checks: ChosenChecks }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Reads the flags and the settings; what is wrong with them is findings. */
export async function chooseChecks(request: ValidateRequest): Promise<Chosen> {
  const flagged = checksOfFlags(request);
  if (!flagged.ok) return { ok: false, findings: [flagged.finding] };
  const chosen = await bundlesOf(request);
  if (!chosen.ok) return chosen;
  const { bundles } = chosen;
  const commands = createCommands(bundles, request.exec);
  const byFlags = { validate: flagged.checks, volumes: [] };
  const atLast = { validate: lastOf(request), volumes: [] };
  const createOnce = validatorsOf([byFlags, ...bundles, atLast], commands);
  const isElsewhere = elsewhere(bundles, request);
  const missingOf = ({ validate }: Pick<BundleSettings, 'validate'>, paths: ReadonlySet<string>) =>
    namesIn(validate).filter((name) => !paths.has(name) && !isElsewhere(name));
  const checksFor = (paths: ReadonlySet<string>): InputChecks => {
    // Of several bundles, those whose named files are all there.
    const isFitting = (bundle: BundleSettings) => missingOf(bundle, paths).length === 0;
    const fitting = [
      byFlags,
      ...(bundles.length === 1 ? bundles : bundles.filter(isFitting)),
      atLast,
    ];
    return {
      missing: [...new Set(fitting.flatMap((each) => missingOf(each, paths)))],
      validatorFor: (part) => {
        if (!part.whole) commands.passOver(fitting.flatMap(({ validate }) => validate));
        return createOnce(fitting.flatMap((each) => checksOfPart(each, part)));
      },
    };
  };
  const secret = bundles.some(({ volumes }) => volumes.some((volume) => volume.secret));
  return { ok: true, checks: { secret, commands, checksFor } };
}

/** Of several checks of the shape the first counts: a flag, then the settings, then this one. */
function lastOf({ 'shape-of': shapeOf }: ValidateRequest): readonly CheckSettings[] {
  return shapeOf === undefined ? [] : [{ shape: 'compatible' }];
}

/** Makes one validator for the same checks: schemas and rules are compiled once for each. */
function validatorsOf(
  all: readonly Pick<BundleSettings, 'validate'>[],
  { run: runCommand }: Commands,
): (checks: readonly CheckSettings[]) => Promise<Validator> {
  const numbers = new Map(all.flatMap(({ validate }) => validate).map((each, at) => [each, at]));
  const known = new Map<string, Promise<Validator>>();
  return (checks) => {
    const key = checks.map((check) => numbers.get(check)).join();
    const validator = known.get(key) ?? createValidator(checks, { runCommand });
    known.set(key, validator);
    return validator;
  };
}

/**
 * Whether a file that a check names stands in another volume than what is looked at. A manifest does
 * not tell which volume of the settings it becomes: without `--at` it is one that stands at the top.
 */
function elsewhere(bundles: readonly BundleSettings[], { at }: ValidateRequest) {
  const others = bundles.flatMap(directoriesOf);
  return (path: string): boolean => {
    if (at !== undefined) return !path.startsWith(`${at}/`);
    return others.some((directory) => path.startsWith(`${directory}/`));
  };
}
