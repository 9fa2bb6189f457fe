import { dirname } from 'node:path';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { Part, Pointer } from '@lastgood/core/model/pointer.ts';
// By name: all of `core`, which the one file of the image would then hold, is 340 KiB of languages.
import { config, type ParsePayload, util } from 'zod/v4/core';
import { checkBetweenBundles } from './between-bundles.ts';
import { type Locate, locateCheck } from './checks.ts';
import { describeIssues, type Issue } from './issues.ts';
import { type CheckedDocument, documentSchema } from './schema.ts';
import type { Settings } from './settings.ts';
import { messageOf } from './wording.ts';

/** The settings, or every finding, in the order of the file's lines. */
export type Loaded =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Where a document comes from. */
interface Origin {
  /** Path of the settings file: relative paths start at its directory. */
  readonly file: string;
  /** Where an issue is; undefined if there is no file. */
  readonly locate: (path: Pointer, part: Part) => Location | undefined;
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
    const bundles = document.bundles.map((bundle, index) => ({
      ...bundle,
      validate: bundle.validate.map((check, place) =>
        locateCheck(check, ['bundles', index, 'validate', place], origin),
      ),
    }));
    return { ok: true, settings: { ...document, bundles } };
  }
  // A key that is missing has no place: it gets that of the mapping around it.
  const findings = issues.map(({ code, args, at }) =>
    findingOf(code, args, locate(at.pointer, at.part)),
  );
  const lineOf = ({ location }: Finding) => location?.line ?? 0;
  const columnOf = ({ location }: Finding) => location?.column ?? 0;
  const byPlace = (a: Finding, b: Finding) => lineOf(a) - lineOf(b) || columnOf(a) - columnOf(b);
  return { ok: false, findings: findings.toSorted(byPlace) };
}

/**
 * Checks a parsed file: kinds of values, unknown and missing keys, and the rules between keys. The
 * document may be used only if there are no issues.
 */
function checkDocument(raw: unknown): { document: CheckedDocument; issues: Issue[] } {
  // Like `safeParse`, which returns no value if there are issues.
  const result = documentSchema._zod.run({ value: raw, issues: [] }, { async: false });
  const { value: document, issues } = result as ParsePayload<CheckedDocument>;
  const found = issues.map((issue) => util.finalizeIssue(issue, { error: messageOf }, config()));
  // The value there has the wrong shape: no rule about it has run.
  const wrong = found.filter((_, index) => issues[index]?.continue !== true);
  const paths = wrong.map(({ path }) => path as Pointer);
  const described = describeIssues(found, { schema: documentSchema, value: raw, at: [] });
  return { document, issues: [...described, ...checkBetweenBundles(document, paths)] };
}

/**
 * Like {@link settingsOfValue}, for a document that is made of the flags of a reloader with this
 * name: the place of a finding is the flag that `flagAt` returns.
 */
export function settingsOfDocument(
  value: unknown,
  name: string,
  flagAt: (path: Pointer) => string | undefined,
): Loaded {
  const locate = (path: Pointer): Location | undefined => {
    const flag = flagAt(path);
    return flag === undefined ? undefined : { file: `--${flag}` };
  };
  const places: Locate = (path) => locate(path) ?? { file: name };
  places.text = (path) => ({ location: places(path), verbatim: false });
  return settingsOfValue(value, { file: name, locate, places });
}
