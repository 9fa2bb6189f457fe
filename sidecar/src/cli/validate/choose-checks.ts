import picomatch from 'picomatch';
import type { BundleSettings, CheckSettings } from '../../settings/settings.ts';
import { createValidator, type Validator } from '../../steps/validate/validator.ts';
import { type CommandResult, wrongUsage } from '../command.ts';
import type { CheckTarget } from './check-target.ts';
import { chooseBundles, directoriesOf } from './choose-bundles.ts';
import { createExecChecks, type ExecChecks } from './exec-checks.ts';
import { checksOfFlags } from './flag-checks.ts';
import type { ValidateRequest } from './flags.ts';
import type { Owners } from './owners.ts';
import { createUnplacedNotes } from './unplaced-notes.ts';

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
  readonly bundles: readonly BundleSettings[];
  /** The checks for an input with these targets. */
  checksFor(
    targets: readonly CheckTarget[],
    owners: Owners,
  ): {
    /** The files that checks name and the input does not have. */
    readonly missing: readonly string[];
    /** The validator for one of them. Rejects with `LG_SETTINGS_SCHEMA` or `LG_SETTINGS_RULE`. */
    validatorFor(target: CheckTarget, whole: boolean): Promise<Validator>;
  };
  /** What did not run or ran on more than it should, for the user to know; complete at the end. */
  notes(): readonly string[];
}

/** Reads the flags and the settings. */
export async function chooseChecks(
  request: ValidateRequest,
): Promise<ChosenChecks | CommandResult> {
  const flagged = checksOfFlags(request);
  if (typeof flagged === 'string') return wrongUsage(flagged);
  const chosen = await chooseBundles(request);
  if (!('bundles' in chosen)) return chosen;
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
  const unplaced = createUnplacedNotes();
  const used = new Set<BundleSettings>();
  const checksFor: ChosenChecks['checksFor'] = (targets, owners) => {
    const paths = pathsOf(targets.filter(({ object }) => !owners.isOwned(object)));
    const missingFrom = (bundle: BundleSettings) =>
      owners.isKnown(bundle) ? missingFromOwn(bundle, targets, owners) : missingOf(bundle, paths);
    const isFitting = (bundle: BundleSettings) => {
      if (owners.isKnown(bundle)) return targets.some((target) => isFor(bundle, target, owners));
      // Of several bundles, those whose named files are all present.
      return bundles.length === 1 || missingFrom(bundle).length === 0;
    };
    const fitting = bundles.filter(isFitting);
    return {
      missing: [
        ...new Set([...missingOf(byFlags, pathsOf(targets)), ...fitting.flatMap(missingFrom)]),
      ],
      validatorFor: (target, whole) => {
        const part = { paths: pathsOf([target]), whole };
        const own = fitting.filter((bundle) => isFor(bundle, target, owners));
        const sources = [byFlags, ...own, atLast];
        if (!whole) exec.skip(sources.flatMap(({ validate }) => validate));
        for (const bundle of own) {
          used.add(bundle);
          if (!owners.isKnown(bundle)) unplaced.add(bundle, checksOfPart(bundle, part), target);
        }
        return validatorOf(sources.flatMap((each) => checksOfPart(each, part)));
      },
    };
  };
  const secret = bundles.some(({ volumes }) => volumes.some((volume) => volume.secret));
  const isIdle = () => bundles.length > 0 && used.size === 0;
  const notes = () => [
    ...exec.notes(),
    ...unplaced.notes(),
    ...(isIdle()
      ? [`no check of ${request.config} ran: no bundle has its files or objects here`]
      : []),
  ];
  return { secret, exec, bundles, checksFor, notes };
}

/** The paths of all files of some targets. */
export function pathsOf(targets: readonly CheckTarget[]): ReadonlySet<string> {
  return new Set(targets.flatMap(({ snapshot }) => snapshot.files.map(({ path }) => path)));
}

/** Whether a bundle's checks are for a target: its own objects, else what belongs to no bundle. */
function isFor(bundle: BundleSettings, { object }: CheckTarget, owners: Owners): boolean {
  return owners.isKnown(bundle)
    ? owners.volumesOf(bundle, object).length > 0
    : !owners.isOwned(object);
}

/** Named files that are missing in objects of the bundle; the object of another volume may be elsewhere. */
function missingFromOwn(
  bundle: BundleSettings,
  targets: readonly CheckTarget[],
  owners: Owners,
): readonly string[] {
  const own = targets.filter(({ object }) => owners.volumesOf(bundle, object).length > 0);
  const directories = own.flatMap(({ object }) =>
    owners.volumesOf(bundle, object).map(({ at }) => at),
  );
  const others = directoriesOf(bundle);
  const directoryOf = (name: string) =>
    others.find((directory) => name.startsWith(`${directory}/`)) ?? '.';
  const paths = pathsOf(own);
  return namesIn(bundle.validate).filter(
    (name) => directories.includes(directoryOf(name)) && !paths.has(name),
  );
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
  return (path: string): boolean =>
    at === undefined
      ? others.some((directory) => path.startsWith(`${directory}/`))
      : !path.startsWith(`${at}/`);
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
