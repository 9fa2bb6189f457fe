import type { Dirent } from 'node:fs';
import { join, posix } from 'node:path';
import { isLayoutName } from '../fs/kubelet-layout.ts';
import { findingOf, reasonOf } from '../model/error.ts';
import { type Filter, filterOf } from './globs.ts';
import {
  addFinding,
  addFindingOnce,
  ChangedDuringRead,
  isGone,
  MAX_DEPTH,
  MAX_FILES,
  type ReadAttempt,
} from './read-attempt.ts';
import { recordFingerprint } from './stat-fingerprint.ts';
import { isInside, type Volume } from './volume.ts';

/** A file that is to be read. */
export interface Listed {
  readonly volume: Volume;
  /** Inside the snapshot. */
  readonly path: string;
  /** On disk, links resolved. */
  readonly diskPath: string;
  /** It can change while it is read, so it is looked at again at the end. */
  readonly isStamped: boolean;
}

/** A directory on its way through `listDirectory`. */
interface Place {
  readonly diskPath: string;
  /** Inside the volume; `.` is its top. */
  readonly path: string;
  /** Inside the snapshot, so that what was captured can be published and read back. */
  readonly depth: number;
  readonly isStamped: boolean;
}

interface Listing {
  readonly volume: Volume;
  readonly attempt: ReadAttempt;
  readonly filter: Filter;
  readonly files: Listed[];
}

/**
 * Lists the files of a volume that belong into the snapshot; what is no regular file, or cannot be
 * read, becomes a finding of the attempt. Throws `ChangedDuringRead` where something vanishes meanwhile.
 */
export async function listVolume(volume: Volume, attempt: ReadAttempt): Promise<Listed[]> {
  const { dataDir, isPlain, settings, file } = volume;
  if (file !== undefined) return listFile(volume, file.name, attempt);
  const listing: Listing = { volume, attempt, filter: filterOf(settings), files: [] };
  const depth = settings.at === '.' ? 0 : settings.at.split('/').length;
  await listDirectory(listing, { diskPath: dataDir, path: '.', depth, isStamped: isPlain });
  return listing.files;
}

/** A volume that is one file; `include` and `exclude` hold for its name. */
function listFile(volume: Volume, name: string, attempt: ReadAttempt): Listed[] {
  const { settings, dataDir: diskPath, isPlain: isStamped } = volume;
  if (!filterOf(settings).wants(name)) return [];
  attempt.fileCount += 1;
  return [{ volume, path: snapshotPath(volume, name), diskPath, isStamped }];
}

async function listDirectory(listing: Listing, place: Place): Promise<void> {
  const { volume, attempt } = listing;
  attempt.directoryCount += 1;
  if (isOver(attempt)) return;
  try {
    // Before its names are read: what is added or removed from now on changes the stamp.
    if (place.isStamped) await stamp(listing, place.diskPath);
    const entries = await volume.calls.readdir(place.diskPath);
    for (const entry of entries) {
      if (!isLayoutName(entry.name)) await listEntry(listing, place, entry);
    }
  } catch (error) {
    unreadable(listing, place.path, error);
  }
}

async function listEntry(listing: Listing, parent: Place, entry: Dirent): Promise<void> {
  const { volume, filter } = listing;
  const path = posix.join(parent.path, entry.name);
  if (filter.skips(path)) return;
  if (parent.path === '.') volume.topNames.push(entry.name);
  const place = { ...parent, path, diskPath: join(parent.diskPath, entry.name) };
  if (entry.name.includes('\uFFFD')) {
    return complainOf(listing, path, 'LG_CAPTURE_UNREADABLE', 'its name is not valid UTF-8');
  }
  if (entry.isSymbolicLink()) return followLink(listing, place);
  await addEntry(listing, place, entry);
}

async function addEntry(
  listing: Listing,
  place: Place,
  entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket'>,
): Promise<void> {
  const { volume, attempt, filter, files } = listing;
  if (entry.isDirectory()) {
    const depth = place.depth + 1;
    if (depth <= MAX_DEPTH) return listDirectory(listing, { ...place, depth });
    return addFinding(
      attempt,
      'LG_CAPTURE_TOO_DEEP',
      [MAX_DEPTH],
      snapshotPath(volume, place.path),
    );
  }
  if (!filter.wants(place.path)) return;
  if (!entry.isFile()) return complainOf(listing, place.path, 'LG_CAPTURE_KIND', kindOf(entry));
  attempt.fileCount += 1;
  if (isOver(attempt)) return;
  const { diskPath, isStamped } = place;
  files.push({ volume, path: snapshotPath(volume, place.path), diskPath, isStamped });
}

/** A link is followed as long as it stays in the volume; from there on everything is stamped. */
async function followLink(listing: Listing, place: Place): Promise<void> {
  const { volume, attempt, filter } = listing;
  const { calls, root, fingerprints } = volume;
  const before = await calls.lstat(place.diskPath);
  const leadsTo = await calls.realpath(place.diskPath).catch((error) => {
    if (!isGone(error)) throw error;
  });
  if (leadsTo === undefined || !isInside(root, leadsTo)) {
    if (!filter.wants(place.path)) return;
    if (leadsTo === undefined && volume.isPlain) await awaitKubelet(listing, place);
    return complainOf(listing, place.path, 'LG_CAPTURE_OUTSIDE');
  }
  recordFingerprint(fingerprints, place.diskPath, before, attempt, leadsTo);
  const target = await stamp(listing, leadsTo);
  await addEntry(listing, { ...place, diskPath: leadsTo, isStamped: true }, target);
}

/**
 * Before their first swap, older kubelets have made the links through `..data` but not yet `..data`.
 * Source: kubelet pkg/volume/util/atomic_writer.go before Kubernetes 1.29.
 */
async function awaitKubelet(listing: Listing, { diskPath, path }: Place): Promise<void> {
  const { volume } = listing;
  if (!isLayoutName(await volume.calls.readlink(diskPath))) return;
  const location = { file: snapshotPath(volume, path) };
  throw new ChangedDuringRead(diskPath, findingOf('LG_CAPTURE_OUTSIDE', [], location));
}

async function stamp({ volume, attempt }: Listing, diskPath: string) {
  const stats = await volume.calls.lstat(diskPath);
  recordFingerprint(volume.fingerprints, diskPath, stats, attempt);
  return stats;
}

/** So many of anything that looking further would be of no use. */
function isOver(attempt: ReadAttempt): boolean {
  if (attempt.fileCount <= MAX_FILES && attempt.directoryCount <= MAX_FILES) return false;
  addFindingOnce(attempt, 'LG_CAPTURE_TOO_MANY', [MAX_FILES]);
  return true;
}

function unreadable(listing: Listing, path: string, error: unknown): void {
  const { code } = error as NodeJS.ErrnoException;
  // Without a code it is none of the system's errors but our own `ChangedDuringRead` or `LimiterClosed`.
  if (code === undefined) throw error;
  const { volume, attempt } = listing;
  if (isGone(error)) throw new ChangedDuringRead(volume.settings.path);
  const shown = path === '.' ? volume.settings.path : snapshotPath(volume, path);
  addFinding(attempt, 'LG_CAPTURE_UNREADABLE', [reasonOf(error)], shown);
}

function complainOf(
  { volume, attempt }: Listing,
  path: string,
  code: 'LG_CAPTURE_UNREADABLE' | 'LG_CAPTURE_KIND' | 'LG_CAPTURE_OUTSIDE',
  ...args: readonly string[]
): void {
  addFinding(attempt, code, args, snapshotPath(volume, path));
}

function snapshotPath({ settings }: Volume, path: string): string {
  return posix.join(settings.at, path);
}

/** What people call it, for LG_CAPTURE_KIND. */
export function kindOf(entry: Pick<Dirent, 'isFIFO' | 'isSocket'>): string {
  if (entry.isFIFO()) return 'FIFO';
  return entry.isSocket() ? 'socket' : 'device';
}
