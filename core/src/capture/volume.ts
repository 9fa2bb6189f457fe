import { join } from 'node:path';
import { asyncFs, inMemory, isKnownInMemory, syncFs } from '../fs/fs-adapter.ts';
import { DATA_LINK } from '../fs/kubelet-layout.ts';
import { allSettledOrThrow } from '../fs/map-concurrent.ts';
import { findingOf, reasonOf } from '../model/error.ts';
import type { VolumeSettings } from '../model/volume-settings.ts';
import { type FileVolume, openFile, verifyFile } from './file-volume.ts';
import { limitCalls, type ReadFs } from './limiter.ts';
import { addFinding, ChangedDuringRead, isGone, type ReadAttempt } from './read-attempt.ts';
import { type StatFingerprints, verifyFingerprints } from './stat-fingerprint.ts';

/** A volume at the moment when reading it began. */
export interface Volume {
  readonly settings: VolumeSettings;
  readonly calls: ReadFs;
  /** The path leads to a file, which is all of the volume; undefined: to a directory. */
  readonly file: FileVolume | undefined;
  /** The real path of the volume, which no link may leave. */
  readonly root: string;
  /** The real path of what is read: the directory that `..data` led to, or the root itself. */
  readonly dataDir: string;
  /** No `..data` leads to it: it can change at any time, and is looked at again at the end. */
  readonly isPlain: boolean;
  /** Top-level names of what was read. */
  readonly topNames: string[];
  /** What was seen of files, directories and links, by their path. */
  readonly fingerprints: StatFingerprints;
}

/** How a volume was found at the end. */
export interface Verified {
  readonly writtenAtMs: number;
  /** Each top-level name can be reached through the volume's root. */
  readonly isLinked: boolean;
}

/**
 * Resolves a volume once; undefined with a finding where it cannot be read. Throws `ChangedDuringRead` where it
 * is in the middle of a change.
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
  if (root.status === 'rejected') return rootMissing(path, root.reason, attempt);
  const file = undefined;
  const common = { settings, file, root: root.value, topNames: [], fingerprints: new Map() };
  const isInMemory = memory.status === 'fulfilled' && memory.value;
  if (data.status === 'rejected') {
    if (data.reason.code === 'ENOTDIR') {
      const file = await openFile(path, root.value, first, attempt);
      if (file === undefined) return undefined;
      const isPlain = file.swapLink === undefined;
      const calls = isInMemory && !isPlain ? syncFs : slow;
      return { ...common, file, calls, dataDir: root.value, isPlain };
    }
    await refuseDangling(path, slow, data.reason);
    return { ...common, calls: slow, dataDir: root.value, isPlain: true };
  }
  if (!isInside(root.value, data.value)) {
    addFinding(attempt, 'LG_CAPTURE_OUTSIDE', [], join(path, DATA_LINK));
    return undefined;
  }
  // Only below `..data`, because a plain directory may have other file systems mounted in it.
  return { ...common, calls: isInMemory ? syncFs : slow, dataDir: data.value, isPlain: false };
}

/** Throws `ChangedDuringRead` unless the volume is still what it was when it was opened. */
export async function verifyVolume(volume: Volume): Promise<Verified> {
  if (volume.file !== undefined) return verifyFile(volume, volume.file);
  return volume.isPlain ? verifyPlain(volume) : verifyData(volume);
}

/** Whether a real path is a root or below it. */
export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root === '/' ? root : `${root}/`);
}

async function verifyData(volume: Volume): Promise<Verified> {
  const { calls, settings, topNames } = volume;
  const link = join(settings.path, DATA_LINK);
  const [dataDir, stats, entries] = await allSettledOrThrow([
    calls.realpath(link),
    calls.lstat(link),
    calls.readdir(settings.path),
    verifyFingerprints(volume.fingerprints, calls),
  ] as const).catch((error) => rethrown(error, settings.path));
  if (dataDir !== volume.dataDir) throw new ChangedDuringRead(settings.path);
  const names = new Set(entries.map((entry) => entry.name));
  return {
    writtenAtMs: Number(stats.mtimeMs),
    isLinked: topNames.every((each) => names.has(each)),
  };
}

async function verifyPlain(volume: Volume): Promise<Verified> {
  const { calls, settings, fingerprints } = volume;
  const [root] = await allSettledOrThrow([
    calls.realpath(settings.path),
    verifyFingerprints(volume.fingerprints, calls),
  ] as const).catch((error) => rethrown(error, settings.path));
  if (root !== volume.root) throw new ChangedDuringRead(settings.path);
  if (await isThere(calls, join(settings.path, DATA_LINK)))
    throw new ChangedDuringRead(settings.path);
  const times = [...fingerprints.values()].map(({ mtimeMs }) => mtimeMs);
  return { writtenAtMs: times.reduce((a, b) => Math.max(a, b), 0), isLinked: true };
}

async function refuseDangling(path: string, calls: ReadFs, error: unknown): Promise<void> {
  const link = join(path, DATA_LINK);
  if (!isGone(error)) throw error;
  // The kubelet never leaves such a link, but between our two looks it may have swapped.
  if (await isThere(calls, link)) {
    throw new ChangedDuringRead(path, findingOf('LG_CAPTURE_OUTSIDE', [], { file: link }));
  }
}

async function isThere(calls: ReadFs, path: string): Promise<boolean> {
  return calls.lstat(path).then(
    () => true,
    (error) => {
      if (!isGone(error)) throw error;
      return false;
    },
  );
}

function rootMissing(path: string, error: unknown, attempt: ReadAttempt): undefined {
  if (isGone(error)) attempt.findings.push(findingOf('LG_CAPTURE_MISSING', [path]));
  else addFinding(attempt, 'LG_CAPTURE_UNREADABLE', [reasonOf(error)], path);
}

function rethrown(error: unknown, path: string): never {
  throw isGone(error) ? new ChangedDuringRead(path) : error;
}
