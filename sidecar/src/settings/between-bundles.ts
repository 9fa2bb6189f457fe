import { relative } from 'node:path';
import { includesFile } from '@lastgood/core/fs/globs.ts';
import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import type { VolumeSettings } from '@lastgood/core/model/volume-settings.ts';
import { type CheckedBundle, subscribersOf } from './bundle.ts';
import { type Issue, invalid } from './issues.ts';

/** At their index; undefined if the shape is wrong. */
type Bundles = readonly ((Paths & Pick<CheckedBundle, 'targets'>) | undefined)[];

/** What a bundle reads and writes. */
type Paths = Pick<CheckedBundle, 'name' | 'volumes' | 'publish' | 'expand'>;

/** The directories that all bundles share; undefined, or of the wrong shape: not used. */
interface Shared {
  readonly stateDir: unknown;
  readonly runDir: unknown;
}

interface DirectoryUse {
  /** As a message calls it: `the volume`, `stateDir`. */
  readonly name: string;
  readonly at: string;
  /** The key that sets it. */
  readonly path: Pointer;
}

/**
 * Checks the rules between bundles: unique names, and directories that do not overlap. Leaves out
 * each part that contains one of `wrong`, what has a wrong shape: a mistake in one bundle hides none in
 * others.
 */
export function checkBetweenBundles(document: unknown, wrong: readonly Pointer[]): Issue[] {
  const usableAt = (at: Pointer) =>
    wrong.some((path) => at.every((part, index) => path[index] === part))
      ? undefined
      : valueAt(document, at);
  const list = valueAt(document, ['bundles']);
  const bundles = (Array.isArray(list) ? list : []).map((_, index) =>
    usableAt(['bundles', index]),
  ) as Bundles;
  const names = bundles.map((bundle) => bundle?.name);
  const duplicates = names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    const rule = `must be unique; bundles[${first}] is also named "${name}"`;
    return [invalid(['bundles', index, 'name'], rule)];
  });
  const hasSocket = bundles.some((bundle) => bundle && subscribersOf(bundle) !== undefined);
  const runDir = hasSocket ? usableAt(['runDir']) : undefined;
  return [...duplicates, ...checkOverlaps(bundles, { stateDir: usableAt(['stateDir']), runDir })];
}

/**
 * What lastgood writes, directory or file, must not be a volume, nor be inside or around one:
 * lastgood would capture its own output again and again, and a rename would remove a mount.
 */
export function checkOverlaps(
  bundles: readonly (Paths | undefined)[],
  { stateDir, runDir }: Shared,
): Issue[] {
  const volumes = bundles.flatMap((bundle, index) =>
    (bundle?.volumes ?? []).map((volume, place) => {
      const path = ['bundles', index, 'volumes', place, 'path'];
      return { name: 'the volume', at: volume.path, path, volume };
    }),
  );
  const published = written(bundles, ['publish'], ({ publish }) => publish);
  const expanded = written(bundles, ['expand', 'to'], ({ expand }) => expand?.to);
  const state = shared('stateDir', stateDir);
  const run = shared('runDir', runDir);
  return [
    ...published.flatMap((own, index) =>
      clashes(own, [...volumes, ...state, ...published.slice(0, index)]),
    ),
    ...expanded.flatMap((own, index) => {
      const captured = volumes.filter(({ volume }) => !leavesOut(volume, own.at));
      const others = [...captured, ...state, ...published, ...expanded.slice(0, index)];
      return clashes(own, others);
    }),
    // The finding is at the volume: stateDir may be the default, which is on no line.
    ...volumes.flatMap((own) => clashes(own, [...state, ...run])),
    // The app mounts runDir, and must not get at what lastgood keeps.
    ...run.flatMap((own) => clashes(own, [...state, ...published, ...expanded])),
  ];
}

function shared(name: string, at: unknown): DirectoryUse[] {
  return typeof at === 'string' ? [{ name, at, path: [name] }] : [];
}

/** Whether a file is in a volume but not in what is captured, also while it is incomplete. */
function leavesOut(volume: VolumeSettings, file: string): boolean {
  if (!file.startsWith(`${volume.path}/`)) return false;
  return [file, `${file}.tmp`].every((each) => !includesFile(volume, relative(volume.path, each)));
}

/** What each bundle writes to the path at one of its keys. */
function written(
  bundles: readonly (Paths | undefined)[],
  key: Pointer,
  pathIn: (bundle: Paths) => string | undefined,
): DirectoryUse[] {
  return bundles.flatMap((bundle, index) => {
    const at = bundle && pathIn(bundle);
    if (at === undefined) return [];
    const name = `${key.join('.')} of the bundle "${bundle?.name}",`;
    return [{ name, at, path: ['bundles', index, ...key] }];
  });
}

function clashes(own: DirectoryUse, others: readonly DirectoryUse[]): Issue[] {
  return others.flatMap((other) => {
    const how = relation(own.at, other.at);
    if (how === undefined) return [];
    return [invalid(own.path, `must not ${how} ${other.name} ${other.at} (is ${own.at})`)];
  });
}

/** Compares the paths as given: as written in the settings, or, at the start, without their links. */
function relation(own: string, other: string): string | undefined {
  if (own === other) return 'be';
  if (own.startsWith(`${other}/`)) return 'be inside';
  if (other.startsWith(`${own}/`)) return 'be around';
  return undefined;
}
