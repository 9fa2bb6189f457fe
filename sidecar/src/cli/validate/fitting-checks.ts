import picomatch from 'picomatch';
import type { BundleSettings, CheckSettings } from '../../settings/settings.ts';

/** Files that are checked together: the part of a bundle in one object or one directory. */
export interface Part {
  readonly paths: ReadonlySet<string>;
  /** It is a whole volume, not a file of one. */
  readonly whole: boolean;
}

/**
 * The checks that apply to a part of a bundle. A check of several files would miss those that are
 * in another object.
 */
export function checksOfPart(
  { validate, volumes }: Pick<BundleSettings, 'validate' | 'volumes'>,
  { paths, whole }: Part,
): readonly CheckSettings[] {
  const names = namesIn(validate);
  const isOwn = whole && (names.length === 0 || names.some((name) => paths.has(name)));
  return validate.filter((check) => {
    if ('files' in check) return !isName(check.files) || paths.has(nameOf(check.files));
    if ('keys' in check) return whole && matchesOneOf(check.keys, paths);
    if ('exec' in check) return isOwn;
    if ('rules' in check) return isOwn && volumes.length < 2;
    return true;
  });
}

/** The files that checks name without a glob. */
export function namesIn(checks: readonly CheckSettings[]): readonly string[] {
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

function matchesOneOf(written: string, paths: ReadonlySet<string>): boolean {
  const matches = picomatch(nameOf(written), { dot: true });
  return [...paths].some((path) => matches(path));
}
