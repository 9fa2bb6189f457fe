import { snapshotOf } from '@lastgood/core/capture/assemble.ts';
import { type Finding, formatLocation, type Location } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { ConfigObject } from '../manifests/config-object.ts';
import type { ManifestObject } from '../manifests/objects.ts';
import {
  formatObject,
  type ReportedFinding,
  type ReportedObject,
  reportedAt,
  type SourceText,
} from '../report/report.ts';

/** A snapshot to validate, and how it is told what was found in it. */
export interface CheckTarget {
  readonly snapshot: Snapshot;
  /** The ConfigMap or Secret that it is; undefined for files as they are on disk. */
  readonly object: ReportedObject | undefined;
  /** How the report calls a file of it. */
  nameOf(path: string): string;
  reported(finding: Finding): ReportedFinding;
}

/** Files as they are on disk. `redactPath` makes of a path inside the snapshot one that can be opened. */
export function subjectOfFiles(
  snapshot: Snapshot,
  shownPath: (path: string) => string,
): CheckTarget {
  const files = new Map(snapshot.files.map((file) => [file.path, file]));
  return {
    snapshot,
    object: undefined,
    nameOf: shownPath,
    reported: (finding) => {
      const { file: path = '', ...place } = finding.location ?? {};
      const file = files.get(path);
      const source =
        file === undefined || file.secret
          ? undefined
          : { text: file.bytes.toString(), isSealed: () => false };
      return reportedAt(finding, { ...place, file: shownPath(path) }, { source });
    },
  };
}

/** A ConfigMap or Secret, whose files stand in a manifest. */
export function subjectOfObject(
  config: ConfigObject,
  snapshot: Snapshot,
  source: SourceText,
): CheckTarget {
  return {
    snapshot,
    object: reportedObject(config.object),
    nameOf: (path) => formatObject(reportedObject(config.object, path)),
    reported: (finding) => {
      const path = finding.location?.file;
      const { location, message } = placeOf(config, finding);
      return reportedAt({ ...finding, message }, location, {
        object: reportedObject(config.object, path),
        source: config.secret ? undefined : source,
      });
    },
  };
}

/** The same, with its files in a directory of the bundle. */
export function subjectIn(directory: string, subject: CheckTarget): CheckTarget {
  const { files, writtenAtMs } = subject.snapshot;
  const moved = files.map((file) => ({ ...file, path: `${directory}/${file.path}` }));
  // Keys that are wrong together are told of their directory.
  const without = (path: string) =>
    path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) || '.' : path;
  return {
    ...subject,
    snapshot: snapshotOf(moved, writtenAtMs, undefined, undefined),
    nameOf: (path) => subject.nameOf(without(path)),
    reported: ({ location, ...finding }) =>
      subject.reported(
        location === undefined
          ? finding
          : { ...finding, location: { ...location, file: without(location.file) } },
      ),
  };
}

/** The place in the manifest, and the message, which then has to say what file it speaks of. */
function placeOf(
  { object, files }: ConfigObject,
  { location, message }: Finding,
): { readonly location: Location; readonly message: string } {
  if (location === undefined) return { location: object.locate([]), message };
  const { file: path, line, column } = location;
  const content = files.find(({ file }) => file.path === path);
  if (content?.block === undefined || line === undefined || column === undefined) {
    const outside = content?.location ?? object.locate(['data'], 'key');
    return { location: outside, message: `${formatLocation(location)}: ${message}` };
  }
  const position = content.block.positionOf({ line, column });
  return {
    location: { file: content.location.file, ...position },
    message: `${path}: ${message}`,
  };
}

/** What the report calls an object, or a key of it. */
export function reportedObject(object: ManifestObject, key?: string): ReportedObject {
  const { kind, name, namespace, template } = object;
  return { kind, name, namespace, key, template };
}
