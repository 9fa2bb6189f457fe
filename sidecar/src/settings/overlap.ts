import { relative } from 'node:path';
import { filterOf } from '@lastgood/core/capture/globs.ts';
import { type Complaint, invalid, type Path } from './complaint.ts';
import type { BundleDocument } from './schema.ts';
import type { Readable } from './shape.ts';

interface DirectoryUse {
  /** How a message calls it: `the volume`, `stateDir`. */
  readonly name: string;
  readonly at: string;
  /** The key that says so. */
  readonly path: Path;
}

interface Volume extends DirectoryUse {
  /** It is a directory with this file in it, and no part of what is captured. */
  leavesOut(file: string): boolean;
}

/**
 * Nothing that lastgood writes, directory or file, may be what it reads, nor stand inside or around
 * it: what it writes would be captured again, for ever, and a rename would take a mount away.
 */
export function overlapRules(readable: Readable): Complaint[] {
  const volumes = volumesOf(readable);
  const published = placesOf(readable, ['publish'], ({ publish }) => publish);
  const expanded = placesOf(readable, ['expand', 'to'], ({ expand }) => expand?.to);
  const state = stateOf(readable);
  return [
    ...published.flatMap((own, index) => [
      ...clashes(own, [...volumes, ...state]),
      ...clashes(own, published.slice(0, index)),
    ]),
    ...expanded.flatMap((own, index) => [
      ...clashes(own, [...volumes.filter((volume) => !volume.leavesOut(own.at)), ...state]),
      ...clashes(own, [...published, ...expanded.slice(0, index)]),
    ]),
    // The volume is named as the culprit: stateDir may be the default, which stands in no line.
    ...volumes.flatMap((own) => clashes(own, state)),
  ];
}

function volumesOf({ bundles }: Readable): Volume[] {
  return bundles.flatMap((bundle, index) =>
    (bundle?.volumes ?? []).map((volume, place) => ({
      name: 'the volume',
      at: volume.path,
      path: ['bundles', index, 'volumes', place, 'path'],
      leavesOut: (file) => leavesOut(volume, file),
    })),
  );
}

/** Before it is whole, the file stands there with another name. */
function leavesOut(volume: BundleDocument['volumes'][number], file: string): boolean {
  if (!file.startsWith(`${volume.path}/`)) return false;
  const { wants, skips } = filterOf(volume);
  return [file, `${file}.tmp`].every((each) => {
    const path = relative(volume.path, each);
    return !wants(path) || directoriesOf(path).some(skips);
  });
}

/** `a` and `a/b` for `a/b/c`. */
function directoriesOf(path: string): readonly string[] {
  return [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index));
}

/** What the bundles write at a key of theirs. */
function placesOf(
  { bundles }: Readable,
  key: Path,
  placeIn: (bundle: BundleDocument) => string | undefined,
): DirectoryUse[] {
  return bundles.flatMap((bundle, index) => {
    const at = bundle && placeIn(bundle);
    if (at === undefined) return [];
    const name = `${key.join('.')} of the bundle "${bundle?.name}",`;
    return [{ name, at, path: ['bundles', index, ...key] }];
  });
}

function stateOf({ stateDir }: Readable): DirectoryUse[] {
  return stateDir === undefined ? [] : [{ name: 'stateDir', at: stateDir, path: ['stateDir'] }];
}

function clashes(own: DirectoryUse, others: readonly DirectoryUse[]): Complaint[] {
  return others.flatMap((other) => {
    const how = relation(own.at, other.at);
    if (how === undefined) return [];
    const rule = `must not ${how} ${other.name} ${other.at} (is ${own.at})`;
    return [invalid(own.path, rule)];
  });
}

/** Goes by the paths as written; what symbolic links make of them shows only at run time. */
function relation(own: string, other: string): string | undefined {
  if (own === other) return 'be';
  if (own.startsWith(`${other}/`)) return 'be inside';
  if (other.startsWith(`${own}/`)) return 'be around';
  return undefined;
}
