import { warningOf } from '@lastgood/core/model/error.ts';
import { ERRORS } from '@lastgood/core/model/error-codes.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { Manifests } from '../manifests/manifests.ts';
import type { ManifestObject } from '../manifests/objects.ts';
import { mappingAt, podsOf } from '../manifests/pods.ts';
import type { ReportedFinding } from '../report/report.ts';

/** A finding of an object in a manifest. */
export interface ObjectFinding extends ReportedFinding {
  readonly of: ManifestObject;
}

/** What a person has decided to leave as it is, and why. */
interface Ignore {
  readonly code: string;
  readonly reason: string;
  readonly location: Required<Location>;
  /** Undefined: those at `lines`. */
  readonly object: ManifestObject | undefined;
  readonly lines: readonly number[];
}

const PREFIX = 'doctor.lastgood.dev/';

const COMMENT = /(?<=^|\s)# ?doctor-ignore (LG_\w+)(?:: *(\S.*?))?\s*$/;

/**
 * The findings of one file that its comments and annotations do not ignore, and a finding for each
 * ignore that matches nothing, has no reason or names no code.
 */
export function withoutIgnored(
  manifests: Manifests,
  findings: readonly ObjectFinding[],
  report: (object: ManifestObject, finding: Finding) => ObjectFinding,
): readonly ObjectFinding[] {
  const ignores = [...commentsIn(manifests), ...annotationsIn(manifests)];
  const used = new Set<Ignore>();
  const kept = findings.filter((finding) => {
    const matching = ignores.filter((each) => matches(each, finding));
    for (const ignore of matching) used.add(ignore);
    return matching.length === 0;
  });
  const wrong = ignores.flatMap((ignore) => {
    const { code, location } = ignore;
    const reason = problemOf(ignore, used.has(ignore));
    const object = ignore.object ?? objectAt(manifests, location.line);
    if (reason === undefined || object === undefined) return [];
    return report(object, warningOf('LG_DOCTOR_IGNORE', [code, reason], location));
  });
  return [...kept, ...wrong];
}

function matches({ code, object, lines }: Ignore, { of, ...finding }: ObjectFinding): boolean {
  if (finding.code !== code) return false;
  return object === undefined ? lines.includes(finding.location.line ?? 0) : object === of;
}

function problemOf({ code, reason }: Ignore, isUsed: boolean): string | undefined {
  if (!Object.hasOwn(ERRORS, code)) return 'names no code of lastgood';
  if (!isUsed) return 'matches no finding';
  return reason === '' ? 'has no reason' : undefined;
}

/** The object with a line; a comment above the first one is about that. */
function objectAt({ objects }: Manifests, line: number): ManifestObject | undefined {
  return objects.findLast((each) => each.locate([]).line <= line) ?? objects[0];
}

/** A comment is about its own line, or about the next one that is not a comment. */
function commentsIn({ objects, source }: Manifests): readonly Ignore[] {
  const [first] = objects;
  if (first === undefined) return [];
  const { file } = first.locate([]);
  const lines = source.text.split(/\r\n|\n|\r/);
  return lines.flatMap((text, index) => {
    const found = COMMENT.exec(text);
    if (found === null) return [];
    const [, code = '', reason = ''] = found;
    const isAlone = /^\s*#/.test(text);
    const below = lines.findIndex((each, at) => at > index && !/^\s*(?:#.*)?$/.test(each));
    const location = { file, line: index + 1, column: found.index + 1 };
    return { code, reason, location, object: undefined, lines: [isAlone ? below + 1 : index + 1] };
  });
}

/** An annotation is about its object, wherever the finding is in it. */
function annotationsIn(manifests: Manifests): readonly Ignore[] {
  const places = [
    ...manifests.objects.map((object) => ({ object, at: ['metadata'] })),
    ...podsOf(manifests).flatMap(({ object, metadataAt }) =>
      metadataAt.length > 1 ? { object, at: metadataAt } : [],
    ),
  ];
  return places.flatMap(({ object, at }) =>
    Object.entries(mappingAt(object.value, [...at, 'annotations'])).flatMap(([key, value]) => {
      if (!key.startsWith(PREFIX)) return [];
      const location = object.locate([...at, 'annotations', key], 'key');
      const reason = typeof value === 'string' ? value.trim() : '';
      return { code: key.slice(PREFIX.length), reason, location, object, lines: [] };
    }),
  );
}
