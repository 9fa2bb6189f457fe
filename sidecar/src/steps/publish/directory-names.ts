/** The name of a directory that contains a published snapshot, taken apart. */
export interface SnapshotName {
  readonly name: string;
  /** `YYYY_MM_DD_HH_MM_SS` in UTC. */
  readonly time: string;
  /** Its number among those of the same second, from 1. */
  readonly count: number;
}

const NAME = /^\.\.(?<time>\d{4}(?:_\d\d){5})\.[0-9a-f]{12}(?:\.(?<count>\d+))?$/;

/** Finds the directories of snapshots among `names`, oldest first. */
export function snapshotNames(names: readonly string[]): SnapshotName[] {
  return names.flatMap((name) => parse(name) ?? []).sort(byAge);
}

/**
 * `..YYYY_MM_DD_HH_MM_SS.<12 digits of the version>`, followed by `.2` and so on for more of the same
 * second. Names sort by age without a call to the file system. If the clock went back, the new name
 * therefore continues from the newest time.
 */
export function nextName(
  version: string,
  wallMs: number,
  existing: readonly SnapshotName[],
): string {
  const now = new Date(wallMs).toISOString().slice(0, 19).replace(/[-T:]/g, '_');
  const newest = existing.at(-1);
  const digits = version.replace(/^sha256:/, '').slice(0, 12);
  if (newest === undefined || newest.time < now) return `..${now}.${digits}`;
  return `..${newest.time}.${digits}.${newest.count + 1}`;
}

function parse(name: string): SnapshotName | undefined {
  const found = NAME.exec(name)?.groups;
  if (found === undefined) return undefined;
  return { name, time: found.time ?? '', count: Number(found.count ?? 1) };
}

function byAge(a: SnapshotName, b: SnapshotName): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  return a.count - b.count;
}
