import picomatch from 'picomatch';
import type { BundleSettings, CheckSettings } from '../../settings/settings.ts';
import { createValidator, type Validator } from '../../steps/validate/validator.ts';
import { chooseBundles, directoriesOf, type Problem, wrong } from './choose-bundles.ts';
import { createExecChecks, type ExecChecks } from './exec-checks.ts';
import { checksOfFlags } from './flag-checks.ts';
import type { ValidateRequest } from './flags.ts';

/** A bundle, or the flags. */
type CheckSource = Pick<BundleSettings, 'validate' | 'volumes'>;

/** Files that are checked together: the part of a bundle in one object or one directory. */
interface Part {
  readonly paths: ReadonlySet<string>;
  /** It is a whole volume, not a file of one. */
  readonly whole: boolean;
}

/** The checks of the command line and of its settings. */
export interface ChosenChecks {
  /** A volume of one of the bundles is secret, so any file may be. */
  readonly secret: boolean;
  readonly exec: ExecChecks;
  /** The checks for an input with these files. */
  checksFor(paths: ReadonlySet<string>): {
    /** The files that checks name and the input does not have. */
    readonly missing: readonly string[];
    /** The validator for a part of it. Rejects with `LG_SETTINGS_SCHEMA` or `LG_SETTINGS_RULE`. */
    validatorFor(part: Part): Promise<Validator>;
  };
}

/** Reads the flags and the settings. */
export async function chooseChecks(request: ValidateRequest): Promise<ChosenChecks | Problem> {
  const flagged = checksOfFlags(request);
  if (typeof flagged === 'string') return wrong(flagged);
  const chosen = await chooseBundles(request);
  if (!chosen.ok) return chosen;
  const { bundles } = chosen;
  const exec = createExecChecks(bundles, request.exec);
  const byFlags = { validate: flagged, volumes: [] };
  // Of several shape checks the first counts: of a flag, then of the settings, then this one.
  const shape: readonly CheckSettings[] = [{ shape: 'warn' }];
  const atLast = { validate: request['shape-of'] === undefined ? [] : shape, volumes: [] };
  const validatorOf = createValidators([byFlags, ...bundles, atLast], exec);
  const isElsewhere = createIsElsewhere(bundles, request);
  const missingOf = ({ validate }: CheckSource, paths: ReadonlySet<string>) =>
    namesIn(validate).filter((name) => !paths.has(name) && !isElsewhere(name));
  const checksFor: ChosenChecks['checksFor'] = (paths) => {
    // Of several bundles, those whose named files are all present.
    const isFitting = (bundle: BundleSettings) => missingOf(bundle, paths).length === 0;
    const fittingBundles = bundles.length === 1 ? bundles : bundles.filter(isFitting);
    const fitting = [byFlags, ...fittingBundles, atLast];
    return {
      missing: [...new Set(fitting.flatMap((each) => missingOf(each, paths)))],
      validatorFor: (part) => {
        if (!part.whole) exec.skip(fitting.flatMap(({ validate }) => validate));
        return validatorOf(fitting.flatMap((each) => checksOfPart(each, part)));
      },
    };
  };
  const secret = bundles.some(({ volumes }) => volumes.some((volume) => volume.secret));
  return { secret, exec, checksFor };
}

/** Makes one validator for the same checks, so that schemas and rules are compiled once. */
function createValidators(
  all: readonly CheckSource[],
  { run: runCommand }: ExecChecks,
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
 * Whether a file that a check names is in another volume than the input. A manifest does not show
 * which volume of the settings it becomes: without `--at` it is one at the top.
 */
function createIsElsewhere(bundles: readonly BundleSettings[], { at }: ValidateRequest) {
  const others = bundles.flatMap(directoriesOf);
  return (path: string): boolean => {
    if (at !== undefined) return !path.startsWith(`${at}/`);
    return others.some((directory) => path.startsWith(`${directory}/`));
  };
}

/**
 * The checks that apply to a part of a bundle. A check of several files would miss those that are
 * in another object.
 */
function checksOfPart(
  { validate, volumes }: CheckSource,
  { paths, whole }: Part,
): readonly CheckSettings[] {
  const names = namesIn(validate);
  const isOwn = whole && (names.length === 0 || names.some((name) => paths.has(name)));
  return validate.filter((check) => {
    if ('files' in check) return !isName(check.files) || paths.has(nameOf(check.files));
    if ('keys' in check) {
      const matches = picomatch(nameOf(check.keys), { dot: true });
      return whole && [...paths].some((path) => matches(path));
    }
    if ('exec' in check) return isOwn;
    if ('rules' in check) return isOwn && volumes.length < 2;
    return true;
  });
}

/** The files that checks name without a glob. */
function namesIn(checks: readonly CheckSettings[]): readonly string[] {
  const written = checks.flatMap((check) => ('files' in check ? check.files : []));
  return [...new Set(written.filter(isName).map(nameOf))];
}

function nameOf(written: string): string {
  return written.replace(/^\.\//, '');
}

function isName(written: string): boolean {
  const { isGlob, negated } = picomatch.scan(nameOf(written));
  return !isGlob && negated !== true;
}
