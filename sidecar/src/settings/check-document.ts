import { valueAt } from '@lastgood/core/model/pointer.ts';
// By name: all of `core`, which the one file of the image would then hold, is 340 KiB of languages.
import { config, type ParsePayload, util } from 'zod/v4/core';
import { describeIssues } from './describe-issues.ts';
import { type Issue, invalid, type Path } from './issue.ts';
import { checkOverlaps, type UsableParts } from './overlap.ts';
import { type CheckedDocument, documentSchema } from './schema.ts';
import { messageOf } from './wording.ts';

/**
 * Checks a parsed file: kinds of values, unknown and missing keys, and the rules between keys. The
 * document may be used only if there are no issues.
 */
export function checkDocument(raw: unknown): { document: CheckedDocument; issues: Issue[] } {
  // Like `safeParse`, which returns no value if there are issues.
  const result = documentSchema._zod.run({ value: raw, issues: [] }, { async: false });
  const { value: document, issues } = result as ParsePayload<CheckedDocument>;
  const found = issues.map((issue) => util.finalizeIssue(issue, { error: messageOf }, config()));
  // The value there has the wrong shape: no rule about it has run.
  const wrong = found.filter((_, index) => issues[index]?.continue !== true);
  const parts = usableParts(
    document,
    wrong.map(({ path }) => path as Path),
  );
  return {
    document,
    issues: [
      ...describeIssues(found, { schema: documentSchema, value: raw, at: [] }),
      ...checkBetweenBundles(parts),
    ],
  };
}

function usableParts(document: unknown, wrong: readonly Path[]): UsableParts {
  const isUsable = (at: Path) =>
    !wrong.some((path) => at.every((part, index) => path[index] === part));
  const bundles = valueAt(document, ['bundles']);
  return {
    stateDir: isUsable(['stateDir']) ? (valueAt(document, ['stateDir']) as string) : undefined,
    bundles: Array.isArray(bundles)
      ? bundles.map((bundle, index) => (isUsable(['bundles', index]) ? bundle : undefined))
      : [],
  };
}

function checkBetweenBundles(parts: UsableParts): Issue[] {
  const names = parts.bundles.map((bundle) => bundle?.name);
  const duplicates = names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    const rule = `must be unique; bundles[${first}] is also named "${name}"`;
    return [invalid(['bundles', index, 'name'], rule)];
  });
  return [...duplicates, ...checkOverlaps(parts)];
}
