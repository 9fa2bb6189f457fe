/** The names of the directories that hold one published snapshot each. */

/** What a name tells: when it was made, to the second, and its place among those of that second. */
export interface StampedName {
  readonly name: string;
  /** `YYYY_MM_DD_HH_MM_SS` in UTC. */
  readonly stamp: string;
  readonly count: number;
}

const STAMPED = /^\.\.(?<stamp>\d{4}(?:_\d\d){5})\.[0-9a-f]{12}(?:\.(?<count>\d+))?$/;

/** The directories of this layout among `names`, oldest first; every other name is left out. */
export function stampedNames(names: readonly string[]): StampedName[] {
  return names.flatMap((name) => parse(name) ?? []).sort(byAge);
}

/**
 * `..YYYY_MM_DD_HH_MM_SS.<12 digits of the version>`, and `.2` and so on after it for a second one
 * of the same second. Names must sort by age, so that the older ones can be told without asking the
 * file system: after a clock that went back, the newest stamp there is counts on.
 */
export function nextName(
  version: string,
  wallMs: number,
  existing: readonly StampedName[],
): string {
  const now = new Date(wallMs).toISOString().slice(0, 19).replace(/[-T:]/g, '_');
  const newest = existing.at(-1);
  const digits = version.replace(/^sha256:/, '').slice(0, 12);
  if (newest === undefined || newest.stamp < now) return `..${now}.${digits}`;
  return `..${newest.stamp}.${digits}.${newest.count + 1}`;
}

function parse(name: string): StampedName | undefined {
  const found = STAMPED.exec(name)?.groups;
  if (found === undefined) return undefined;
  return { name, stamp: found.stamp ?? '', count: Number(found.count ?? 1) };
}

function byAge(a: StampedName, b: StampedName): number {
  if (a.stamp !== b.stamp) return a.stamp < b.stamp ? -1 : 1;
  return a.count - b.count;
}
