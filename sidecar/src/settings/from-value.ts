import { dirname } from 'node:path';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { Part } from '@lastgood/core/model/pointer.ts';
import { locateBundle } from './bundle.ts';
import { checkDocument } from './check-document.ts';
import type { Locate } from './checks.ts';
import type { Issue, Path } from './issue.ts';
import type { Settings } from './settings.ts';

/** The settings, or every finding, in the order of the file's lines. */
export type Loaded =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Where a document comes from. */
interface Origin {
  /** Path of the settings file: relative paths start at its directory. */
  readonly file: string;
  /** Where an issue is; undefined if there is no file. */
  readonly locate: (path: Path, part: Part) => Location | undefined;
  /** The places that the settings themselves contain. */
  readonly places: Locate;
}

/**
 * Checks a plain document against every rule and fills in the defaults. The findings are all
 * mistakes of shape, and the broken rules between keys of every mapping whose shape is right, each
 * where `origin` locates it. `earlier` are issues that have been found before.
 */
export function settingsOfValue(
  value: unknown,
  { file, locate, places }: Origin,
  earlier: readonly Issue[] = [],
): Loaded {
  const { document, issues: later } = checkDocument(value);
  const issues = [...earlier, ...later];
  if (issues.length === 0) {
    const origin = { directory: dirname(file), locate: places };
    const bundles = document.bundles.map((bundle, index) =>
      locateBundle(bundle, ['bundles', index], origin),
    );
    return { ok: true, settings: { ...document, bundles } };
  }
  // A key that is missing has no place: it gets that of the mapping around it.
  const findings = issues.map(({ code, args, path, part }) =>
    findingOf(code, args, locate(path, part)),
  );
  return { ok: false, findings: sortByPlace(findings) };
}

/**
 * Like {@link settingsOfValue}, for a document that is made of the flags of a reloader with this
 * name: the place of a finding is the flag that `flagAt` returns.
 */
export function settingsOfDocument(
  value: unknown,
  name: string,
  flagAt: (path: Path) => string | undefined,
): Loaded {
  const locate = (path: Path): Location | undefined => {
    const flag = flagAt(path);
    return flag === undefined ? undefined : { file: `--${flag}` };
  };
  const places: Locate = (path) => locate(path) ?? { file: name };
  places.text = (path) => ({ location: places(path), verbatim: false });
  return settingsOfValue(value, { file: name, locate, places });
}

function sortByPlace(findings: readonly Finding[]): Finding[] {
  const lineOf = ({ location }: Finding) => location?.line ?? 0;
  const columnOf = ({ location }: Finding) => location?.column ?? 0;
  return findings.toSorted((a, b) => lineOf(a) - lineOf(b) || columnOf(a) - columnOf(b));
}
