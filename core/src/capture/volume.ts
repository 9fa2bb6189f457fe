import { join } from 'node:path';
import { direct, inMemory, isKnownInMemory, threaded } from '../fs/fs-adapter.ts';
import { DATA_LINK } from '../fs/kubelet-layout.ts';
import { together } from '../fs/map-concurrent.ts';
import { findingOf, reasonOf } from '../model/error.ts';
import type { VolumeSettings } from '../model/volume-settings.ts';
import { type FileVolume, openFile, verifyFile } from './file-volume.ts';
import { gated, type ReadCalls } from './limiter.ts';
import { type Attempt, complain, isGone, Moved } from './read-attempt.ts';
import { type Stamps, verifyStamps } from './stat-fingerprint.ts';

/** A volume at the moment when reading it began. */
export interface Volume {
  readonly settings: VolumeSettings;
  readonly calls: ReadCalls;
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
  readonly stamps: Stamps;
}

/** How a volume was found at the end. */
export interface Verified {
  readonly writtenAtMs: number;
  /** Each top-level name can be reached through the volume's root. */
  readonly isLinked: boolean;
}

/**
 * Resolves a volume once; undefined with a finding where it cannot be read. Throws `Moved` where it
 * is in the middle of a change.
 */
export async function openVolume(
  settings: VolumeSettings,
  attempt: Attempt,
): Promise<Volume | undefined> {
  const { path } = settings;
  const slow = gated(threaded, attempt.gate);
  const first = isKnownInMemory(path) ? direct : slow;
  const [root, data, memory] = await Promise.allSettled([
    first.realpath(path),
    first.realpath(join(path, DATA_LINK)),
    attempt.gate.pass(path, () => inMemory(path)),
  ]);
  if (root.status === 'rejected') return rootMissing(path, root.reason, attempt);
  const file = undefined;
  const common = { settings, file, root: root.value, topNames: [], stamps: new Map() };
  const isInMemory = memory.status === 'fulfilled' && memory.value;
  if (data.status === 'rejected') {
    if (data.reason.code === 'ENOTDIR') {
      const file = await openFile(path, root.value, first, attempt);
      if (file === undefined) return undefined;
      const isPlain = file.swapLink === undefined;
      const calls = isInMemory && !isPlain ? direct : slow;
      return { ...common, file, calls, dataDir: root.value, isPlain };
    }
    await refuseDangling(path, slow, data.reason);
    return { ...common, calls: slow, dataDir: root.value, isPlain: true };
  }
  if (!isInside(root.value, data.value)) {
    complain(attempt, 'LG_CAPTURE_OUTSIDE', [], join(path, DATA_LINK));
    return undefined;
  }
  // Only below `..data`, because a plain directory may have other file systems mounted in it.
  return { ...common, calls: isInMemory ? direct : slow, dataDir: data.value, isPlain: false };
}

/** Throws `Moved` unless the volume is still what it was when it was opened. */
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
  const [dataDir, stats, entries] = await together([
    calls.realpath(link),
    calls.lstat(link),
    calls.readdir(settings.path),
    verifyStamps(volume.stamps, calls),
  ] as const).catch((error) => rethrown(error, settings.path));
  if (dataDir !== volume.dataDir) throw new Moved(settings.path);
  const names = new Set(entries.map((entry) => entry.name));
  return {
    writtenAtMs: Number(stats.mtimeMs),
    isLinked: topNames.every((each) => names.has(each)),
  };
}

async function verifyPlain(volume: Volume): Promise<Verified> {
  const { calls, settings, stamps } = volume;
  const [root] = await together([
    calls.realpath(settings.path),
    verifyStamps(volume.stamps, calls),
  ] as const).catch((error) => rethrown(error, settings.path));
  if (root !== volume.root) throw new Moved(settings.path);
  if (await isThere(calls, join(settings.path, DATA_LINK))) throw new Moved(settings.path);
  const times = [...stamps.values()].map(({ mtimeMs }) => mtimeMs);
  return { writtenAtMs: times.reduce((a, b) => Math.max(a, b), 0), isLinked: true };
}

async function refuseDangling(path: string, calls: ReadCalls, error: unknown): Promise<void> {
  const link = join(path, DATA_LINK);
  if (!isGone(error)) throw error;
  // The kubelet never leaves such a link, but between our two looks it may have swapped.
  if (await isThere(calls, link)) {
    throw new Moved(path, findingOf('LG_CAPTURE_OUTSIDE', [], { file: link }));
  }
}

async function isThere(calls: ReadCalls, path: string): Promise<boolean> {
  return calls.lstat(path).then(
    () => true,
    (error) => {
      if (!isGone(error)) throw error;
      return false;
    },
  );
}

function rootMissing(path: string, error: unknown, attempt: Attempt): undefined {
  if (isGone(error)) attempt.findings.push(findingOf('LG_CAPTURE_MISSING', [path]));
  else complain(attempt, 'LG_CAPTURE_UNREADABLE', [reasonOf(error)], path);
}

function rethrown(error: unknown, path: string): never {
  throw isGone(error) ? new Moved(path) : error;
}
