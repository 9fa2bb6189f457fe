import { basename, dirname, join, resolve } from 'node:path';
import { asyncFs, inMemory, isKnownInMemory, syncFs } from '../fs/fs-adapter.ts';
import { isInside } from '../fs/is-inside.ts';
import { DATA_LINK, isLayoutName } from '../fs/kubelet-layout.ts';
import { MAX_ENTRIES } from '../fs/limits.ts';
import { allSettledOrThrow } from '../fs/map-concurrent.ts';
import { leavesMount } from '../fs/mount-table.ts';
import { findingOf, reasonOf } from '../model/error.ts';
import type { VolumeSettings } from '../model/volume-settings.ts';
import { limitCalls, type ReadFs } from './limiter.ts';
import { addFinding, ChangedDuringRead, isGone, type ReadAttempt } from './read-attempt.ts';
import { type StatFingerprints, verifyFingerprints } from './stat-fingerprint.ts';

/** A volume at the start of an attempt to read it. */
export interface Volume {
  readonly settings: VolumeSettings;
  readonly fs: ReadFs;
  /** Set if the path of the volume leads to a file; undefined for a directory. */
  readonly file: FileVolume | undefined;
  /** The real path of the volume, which no link may leave. */
  readonly root: string;
  /** The real path to read: the directory that `..data` led to, or the root itself. */
  readonly dataDir: string;
  /** Without `..data` it can change at any time, so its files are checked again at the end. */
  readonly isPlain: boolean;
  /** Top-level names that were listed. */
  readonly topNames: string[];
  /** How files, directories and links looked, by their path. */
  readonly fingerprints: StatFingerprints;
}

/** A volume of a single file. */
interface FileVolume {
  /** Its name in the snapshot: the one in the settings, not that of a link's target. */
  readonly name: string;
  /** The kubelet's `..data` on the way to the file, which then changes only by a swap. */
  readonly swapLink: string | undefined;
}

/** The state of a volume at the end. */
export interface Verified {
  readonly writtenAtMs: number;
  /** Every top-level name can be reached through the volume's root. */
  readonly isLinked: boolean;
}

/**
 * Resolves a volume once; undefined with a finding if it cannot be read. Throws `ChangedDuringRead` in
 * the middle of a change.
 */
export async function openVolume(
  settings: VolumeSettings,
  attempt: ReadAttempt,
): Promise<Volume | undefined> {
  const { path } = settings;
  const slow = limitCalls(asyncFs, attempt.limiter);
  const first = isKnownInMemory(path) ? syncFs : slow;
  const [root, data, memory] = await Promise.allSettled([
    first.realpath(path),
    first.realpath(join(path, DATA_LINK)),
    attempt.limiter.run(path, () => inMemory(path)),
  ]);
  if (root.status === 'rejected') return rootUnreadable(path, root.reason, attempt);
  // A command may be given a relative path.
  const asked = resolve(path);
  if (!isDirectly(asked, root.value) && (await leavesMount(asked, root.value))) {
    // The link may also have changed between the two looks.
    throw new ChangedDuringRead(path, findingOf('LG_CAPTURE_OUTSIDE', [], { file: path }));
  }
  const common = {
    settings,
    file: undefined,
    root: root.value,
    topNames: [],
    fingerprints: new Map(),
  };
  const isInMemory = memory.status === 'fulfilled' && memory.value;
  if (data.status === 'rejected') {
    if (data.reason.code === 'ENOTDIR') {
      const file = await openFile(path, root.value, first, attempt);
      if (file === undefined) return undefined;
      const isPlain = file.swapLink === undefined;
      const fs = isInMemory && !isPlain ? syncFs : slow;
      return { ...common, file, fs, dataDir: root.value, isPlain };
    }
    if (!isGone(data.reason)) return rootUnreadable(path, data.reason, attempt);
    await refuseDangling(path, slow);
    return { ...common, fs: slow, dataDir: root.value, isPlain: true };
  }
  if (!isInside(root.value, data.value)) {
    addFinding(attempt, 'LG_CAPTURE_OUTSIDE', [], join(path, DATA_LINK));
    return undefined;
  }
  // Only with `..data`, because a plain directory may contain mounts of other file systems.
  return { ...common, fs: isInMemory ? syncFs : slow, dataDir: data.value, isPlain: false };
}

/** Whether a path has no links on its way, or only those of a kubelet's volume around a file. */
function isDirectly(path: string, real: string): boolean {
  return path === real || real.startsWith(`${dirname(path)}/..`);
}

/** Opens a volume whose path is not a directory; undefined with a finding if it is not a file either. */
async function openFile(
  path: string,
  root: string,
  fs: ReadFs,
  attempt: ReadAttempt,
): Promise<FileVolume | undefined> {
  const [stats, swapLink] = await allSettledOrThrow([
    fs.lstat(root),
    findSwapLink(root, fs),
  ] as const).catch(asChange(path));
  // It was a file a moment ago.
  if (stats.isDirectory() || stats.isSymbolicLink()) throw new ChangedDuringRead(path);
  if (stats.isFile()) return { name: basename(path), swapLink };
  attempt.findings.push(findingOf('LG_CAPTURE_NOT_A_DIRECTORY', [path]));
  return undefined;
}

/** The `..data` that leads to the timestamped directory around a real path, if there is one. */
async function findSwapLink(root: string, fs: ReadFs): Promise<string | undefined> {
  let dataDir = dirname(root);
  while (dataDir !== '/' && !isLayoutName(basename(dataDir))) dataDir = dirname(dataDir);
  if (dataDir === '/') return undefined;
  const link = join(dirname(dataDir), DATA_LINK);
  const leadsTo = await fs.realpath(link).catch((error) => {
    if (!isGone(error)) throw error;
  });
  return leadsTo === dataDir ? link : undefined;
}

/**
 * Throws `ChangedDuringRead` if the volume has changed since it was opened. With `skipsLinks` it counts
 * as linked: another look at the directory would double the time for a volume that did not change.
 */
export async function verifyVolume(volume: Volume, skipsLinks: boolean): Promise<Verified> {
  return volume.isPlain || volume.file !== undefined
    ? verifyPath(volume)
    : verifyData(volume, skipsLinks);
}

async function verifyData(volume: Volume, skipsLinks: boolean): Promise<Verified> {
  const { fs, settings } = volume;
  const link = join(settings.path, DATA_LINK);
  const [dataDir, stats, isLinked] = await allSettledOrThrow([
    fs.realpath(link),
    fs.lstat(link),
    skipsLinks ? Promise.resolve(true) : hasAllLinks(volume),
    verifyFingerprints(volume.fingerprints, fs),
  ] as const).catch(asChange(settings.path));
  if (dataDir !== volume.dataDir) throw new ChangedDuringRead(settings.path);
  return { writtenAtMs: Number(stats.mtimeMs), isLinked };
}

async function hasAllLinks({ fs, settings, topNames }: Volume): Promise<boolean> {
  const missing = new Set(topNames);
  let seen = 0;
  await fs.readdir(settings.path, ({ name }) => {
    missing.delete(name);
    seen += 1;
    return missing.size > 0 && seen < MAX_ENTRIES;
  });
  return missing.size === 0;
}

/** Of a plain directory or a file: the path must lead to the same place, and all must look the same. */
async function verifyPath(volume: Volume): Promise<Verified> {
  const { fs, settings, file, root, fingerprints } = volume;
  const swapLink = file?.swapLink;
  const [link, real] = await allSettledOrThrow([
    swapLink === undefined ? Promise.resolve(undefined) : fs.lstat(swapLink),
    fs.realpath(settings.path),
    verifyFingerprints(fingerprints, fs),
  ] as const).catch(asChange(settings.path));
  if (real !== root) throw new ChangedDuringRead(settings.path);
  // A directory that has become a volume of the kubelet.
  if (file === undefined && (await exists(join(settings.path, DATA_LINK), fs)))
    throw new ChangedDuringRead(settings.path);
  const writtenAtMs = link === undefined ? newestOf(fingerprints) : Number(link.mtimeMs);
  return { writtenAtMs, isLinked: true };
}

function newestOf(fingerprints: StatFingerprints): number {
  return fingerprints.values().reduce((newest, { mtimeMs }) => Math.max(newest, mtimeMs), 0);
}

async function refuseDangling(path: string, fs: ReadFs): Promise<void> {
  const link = join(path, DATA_LINK);
  // The kubelet never leaves such a link, but it may have swapped between the two calls.
  if (await exists(link, fs)) {
    throw new ChangedDuringRead(path, findingOf('LG_CAPTURE_OUTSIDE', [], { file: link }));
  }
}

async function exists(path: string, fs: ReadFs): Promise<boolean> {
  return fs.lstat(path).then(
    () => true,
    (error) => {
      if (!isGone(error)) throw error;
      return false;
    },
  );
}

function rootUnreadable(path: string, error: unknown, attempt: ReadAttempt): undefined {
  if (isGone(error)) attempt.findings.push(findingOf('LG_CAPTURE_MISSING', [path]));
  else addFinding(attempt, 'LG_CAPTURE_UNREADABLE', [reasonOf(error)], path);
}

/** For `catch`: something that is gone has changed during the attempt. */
function asChange(path: string): (error: unknown) => never {
  return (error) => {
    throw isGone(error) ? new ChangedDuringRead(path) : error;
  };
}
