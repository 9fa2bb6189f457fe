import { snapshotOf } from '@lastgood/core/capture/assemble.ts';
import { type Finding, formatLocation, type Location } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { type ConfigObject, placeInManifest } from '../manifests/config-object.ts';
import {
  formatObject,
  type ReportedFinding,
  type ReportedObject,
  reportedObject,
  type SourceText,
} from '../report/report.ts';

/** A snapshot to validate, and how to report the findings in it. */
export interface CheckTarget {
  readonly snapshot: Snapshot;
  /** The ConfigMap or Secret that it is; undefined for files on disk. */
  readonly object: ReportedObject | undefined;
  /** The name of a file in the report. */
  nameOf(path: string): string;
  reported(finding: Finding): ReportedFinding;
}

/** Files on disk. `shownPath` turns a path inside the snapshot into one that can be opened. */
export function targetOfFiles(
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
      const isShown = file !== undefined && !file.secret;
      const source = isShown ? { text: file.bytes.toString(), isSealed: () => false } : undefined;
      return { ...finding, location: { ...place, file: shownPath(path) }, source };
    },
  };
}

/** A ConfigMap or Secret, whose files are in a manifest. */
export function targetOfObject(config: ConfigObject, source: SourceText): CheckTarget {
  const { object, files, secret } = config;
  const contents = files.map(({ file }) => file);
  return {
    snapshot: snapshotOf(contents, 0),
    object: reportedObject(object),
    nameOf: (path) => formatObject(reportedObject(object, path)),
    reported: (finding) => ({
      ...finding,
      ...moveToManifest(config, finding),
      object: reportedObject(object, finding.location?.file),
      source: secret ? undefined : source,
    }),
  };
}

/** The same target, with its files in a directory of the bundle. */
export function targetIn(directory: string, target: CheckTarget): CheckTarget {
  const { files, writtenAtMs } = target.snapshot;
  const moved = files.map((file) => ({ ...file, path: `${directory}/${file.path}` }));
  // A finding about several keys has the directory as its location.
  const originalPath = (path: string) =>
    path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) || '.' : path;
  return {
    ...target,
    snapshot: snapshotOf(moved, writtenAtMs),
    nameOf: (path) => target.nameOf(originalPath(path)),
    reported: ({ location, ...finding }) =>
      target.reported(
        location === undefined
          ? finding
          : { ...finding, location: { ...location, file: originalPath(location.file) } },
      ),
  };
}

/** The place of a finding in the manifest, and its message, which has to name the file there. */
function moveToManifest(
  { object, files }: ConfigObject,
  { location, message }: Finding,
): { readonly location: Location; readonly message: string } {
  if (location === undefined) return { location: object.locate([]), message };
  const path = location.file;
  const content = files.find(({ file }) => file.path === path);
  const inside = content && placeInManifest(content, location);
  if (inside !== undefined) return { location: inside, message: `${path}: ${message}` };
  const outside = content?.location ?? object.locate(['data'], 'key');
  return { location: outside, message: `${formatLocation(location)}: ${message}` };
}
