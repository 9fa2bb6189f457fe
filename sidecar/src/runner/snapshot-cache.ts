import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';

/** The snapshots that a bundle still needs, by version. Each takes up to `maxSize` of memory. */
export class SnapshotCache {
  readonly #snapshots = new Map<Version, Snapshot>();

  put(snapshot: Snapshot): void {
    this.#snapshots.set(snapshot.version, snapshot);
  }

  find(version: Version | null): Snapshot | undefined {
    return version === null ? undefined : this.#snapshots.get(version);
  }

  /** Throws a RangeError if it is missing, which is a defect. */
  get(version: Version): Snapshot {
    const snapshot = this.#snapshots.get(version);
    if (snapshot === undefined) throw new RangeError(`the content of ${version} is gone`);
    return snapshot;
  }

  keepOnly(versions: readonly (Version | null | undefined)[]): void {
    const kept = new Set(versions);
    for (const version of this.#snapshots.keys())
      if (!kept.has(version)) this.#snapshots.delete(version);
  }

  /** Paths that were added, removed or changed, sorted; all paths if `from` is unknown. */
  diff(from: Version | null, to: Version): readonly string[] {
    const before = digestsOf(this.find(from));
    const after = digestsOf(this.find(to));
    const paths = new Set([...before.keys(), ...after.keys()]);
    return [...paths].filter((path) => before.get(path) !== after.get(path)).sort();
  }
}

function digestsOf(snapshot: Snapshot | undefined): Map<string, string> {
  return new Map(snapshot?.files.map((file) => [file.path, file.sha256]));
}
