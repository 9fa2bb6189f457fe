import type { Part } from '@lastgood/core/formats/format.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { Complaint, Path } from './complaint.ts';
import { type Locate, resolve } from './resolve.ts';
import { checkRules } from './rules.ts';
import type { Settings } from './settings.ts';
import { checkShape } from './shape.ts';

/** The settings, or every finding, in the order of the file's lines. */
export type Loaded =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Where a document comes from. */
interface Origin {
  /** Path of the settings file: relative paths start at its directory. */
  readonly file: string;
  /** Where a mistake stands; undefined where there is no file. */
  readonly locate: (path: Path, part: Part) => Location | undefined;
  /** Where the rest of the program is told that something stands. */
  readonly places: Locate;
}

/**
 * Holds a plain document against every rule and fills the defaults in: all mistakes of shape, and the
 * broken rules between keys of every bundle whose shape is right, each where `origin` says it stands.
 * `before` is what has been found already.
 */
export function settingsOfValue(
  value: unknown,
  { file, locate, places }: Origin,
  before: readonly Complaint[] = [],
): Loaded {
  const shape = checkShape(value);
  const complaints = [
    ...before,
    ...(shape.ok
      ? checkRules(shape.document)
      : [...shape.complaints, ...dedupeErrors(checkRules(shape.readable), shape.complaints)]),
  ];
  if (shape.ok && complaints.length === 0)
    return { ok: true, settings: resolve(shape.document, file, places) };
  return {
    ok: false,
    // A key that was left out has no place of its own: it gets that of the mapping around it.
    findings: inOrder(
      complaints.map(({ code, args, path: at, part }) => findingOf(code, args, locate(at, part))),
    ),
  };
}

/**
 * As {@link settingsOfValue}, of a document that stands in no file but is made of the flags of a
 * reloader with this name: the place of a finding is the flag that `flagAt` knows.
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

/** A mapping that seems to lack a key may have it misspelt, which has been said already. */
function dedupeErrors(
  rules: readonly Complaint[],
  shape: readonly Complaint[],
): readonly Complaint[] {
  const misspelt = shape.filter(({ part }) => part === 'key');
  const places = new Set(misspelt.map(({ path }) => path.slice(0, -1).join('/')));
  return rules.filter(({ path }) => !places.has(path.join('/')));
}

function inOrder(findings: readonly Finding[]): Finding[] {
  const lineOf = ({ location }: Finding) => location?.line ?? 0;
  const columnOf = ({ location }: Finding) => location?.column ?? 0;
  return findings.toSorted((a, b) => lineOf(a) - lineOf(b) || columnOf(a) - columnOf(b));
}
