import type { Dirent } from 'node:fs';
import { join, posix } from 'node:path';
import { type Filter, filterOf } from '../fs/globs.ts';
import { isInside } from '../fs/is-inside.ts';
import { DATA_LINK, isLayoutName } from '../fs/kubelet-layout.ts';
import { MAX_ENTRIES, MAX_FILES } from '../fs/limits.ts';
import { findingOf } from '../model/error.ts';
import type { ErrorCode } from '../model/error-codes.ts';
import {
  addFinding,
  addFindingOnce,
  ChangedDuringRead,
  isGone,
  MAX_DEPTH,
  type ReadAttempt,
  unreadableReason,
} from './read-attempt.ts';
import { recordFingerprint } from './stat-fingerprint.ts';
import type { Volume } from './volume.ts';

/** A file to read. */
export interface Listed {
  readonly volume: Volume;
  /** In the snapshot. */
  readonly path: string;
  /** On disk, links resolved. */
  readonly diskPath: string;
  /** It can change while it is read, so its fingerprint is checked at the end. */
  readonly canChange: boolean;
}

/** An entry of a directory, or the top directory itself. */
interface Entry {
  readonly diskPath: string;
  /** In the volume; `.` is its top. */
  readonly path: string;
  /** In the snapshot, so that what was captured can be published and read back. */
  readonly depth: number;
  readonly canChange: boolean;
}

interface Listing {
  readonly volume: Volume;
  readonly attempt: ReadAttempt;
  readonly filter: Filter;
  readonly files: Listed[];
}

/**
 * Lists the files of a volume that belong in the snapshot. Adds a finding for anything that is not a
 * regular file, or that cannot be read. Throws `ChangedDuringRead` if something vanishes meanwhile.
 */
export async function listVolume(volume: Volume, attempt: ReadAttempt): Promise<Listed[]> {
  const { dataDir: diskPath, isPlain: canChange, settings, file } = volume;
  const filter = filterOf(settings);
  const listing: Listing = { volume, attempt, filter, files: [] };
  if (file === undefined) {
    const depth = settings.at === '.' ? 0 : settings.at.split('/').length;
    await listDirectory(listing, { diskPath, path: '.', depth, canChange });
  } else if (filter.includes(file.name)) {
    attempt.fileCount += 1;
    listing.files.push({ volume, path: snapshotPath(volume, file.name), diskPath, canChange });
  }
  return listing.files;
}

async function listDirectory(listing: Listing, directory: Entry): Promise<void> {
  const { volume, attempt } = listing;
  attempt.directoryCount += 1;
  if (isOverLimit(attempt)) return;
  try {
    // Before its names are read, so that a later change of them changes the fingerprint.
    if (directory.canChange) await fingerprint(listing, directory.diskPath);
    for (const entry of await readEntries(listing, directory)) {
      await listEntry(listing, directory, entry);
    }
  } catch (error) {
    const { path } = volume.settings;
    const reason = unreadableReason(error, path);
    const shown = directory.path === '.' ? path : snapshotPath(volume, directory.path);
    addFinding(attempt, 'LG_CAPTURE_UNREADABLE', [reason], shown);
  }
}

/**
 * The entries of a directory that may belong in the snapshot. Two dots hide a name only at the top of a
 * volume, and in a directory that has the kubelet's layout itself, such as a nested mount.
 */
async function readEntries(
  { volume, attempt, filter }: Listing,
  directory: Entry,
): Promise<readonly Dirent[]> {
  const entries: Dirent[] = [];
  let isTop = directory.path === '.';
  let fileCount = 0;
  await volume.fs.readdir(directory.diskPath, (entry) => {
    attempt.entryCount += 1;
    const path = posix.join(directory.path, entry.name);
    isTop ||= entry.name === DATA_LINK && entry.isSymbolicLink();
    if (filter.skips(path) || (entry.isFile() && !filter.includes(path)))
      return !isOverLimit(attempt);
    entries.push(entry);
    if (entry.isFile()) fileCount += 1;
    return !isOverLimit(attempt, fileCount);
  });
  return isTop ? entries.filter(({ name }) => !isLayoutName(name)) : entries;
}

async function listEntry(listing: Listing, parent: Entry, dirent: Dirent): Promise<void> {
  const { volume } = listing;
  const path = posix.join(parent.path, dirent.name);
  if (parent.path === '.') volume.topNames.push(dirent.name);
  const entry = { ...parent, path, diskPath: join(parent.diskPath, dirent.name) };
  if (dirent.name.includes('\uFFFD')) {
    return report(listing, path, 'LG_CAPTURE_UNREADABLE', 'its name is not valid UTF-8');
  }
  if (dirent.isSymbolicLink()) return followLink(listing, entry);
  await addEntry(listing, entry, dirent);
}

async function addEntry(
  listing: Listing,
  entry: Entry,
  kind: Pick<Dirent, 'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket'>,
): Promise<void> {
  const { volume, attempt, filter, files } = listing;
  const { diskPath, path, canChange } = entry;
  if (kind.isDirectory()) {
    const depth = entry.depth + 1;
    if (depth <= MAX_DEPTH) return listDirectory(listing, { ...entry, depth });
    return report(listing, path, 'LG_CAPTURE_TOO_DEEP', MAX_DEPTH);
  }
  if (!filter.includes(path)) return;
  if (!kind.isFile()) return report(listing, path, 'LG_CAPTURE_KIND', kindOf(kind));
  attempt.fileCount += 1;
  if (isOverLimit(attempt)) return;
  files.push({ volume, path: snapshotPath(volume, path), diskPath, canChange });
}

/** Follows a link that stays in the volume. Anything behind a link can change. */
async function followLink(listing: Listing, entry: Entry): Promise<void> {
  const { volume, attempt, filter } = listing;
  const { fs, root, fingerprints } = volume;
  const before = await fs.lstat(entry.diskPath);
  const leadsTo = await fs.realpath(entry.diskPath).catch((error) => {
    if (!isGone(error)) throw error;
  });
  if (leadsTo === undefined || !isInside(root, leadsTo)) {
    if (!filter.includes(entry.path)) return;
    if (leadsTo === undefined && volume.isPlain) await waitForKubelet(listing, entry);
    return report(listing, entry.path, 'LG_CAPTURE_OUTSIDE');
  }
  recordFingerprint(fingerprints, entry.diskPath, before, attempt, leadsTo);
  const target = await fingerprint(listing, leadsTo);
  await addEntry(listing, { ...entry, diskPath: leadsTo, canChange: true }, target);
}

/**
 * Before their first swap, older kubelets have made the links through `..data` but not yet `..data`.
 * Source: kubelet pkg/volume/util/atomic_writer.go before Kubernetes 1.29.
 */
async function waitForKubelet({ volume }: Listing, { diskPath, path }: Entry): Promise<void> {
  if (!isLayoutName(await volume.fs.readlink(diskPath))) return;
  const location = { file: snapshotPath(volume, path) };
  throw new ChangedDuringRead(diskPath, findingOf('LG_CAPTURE_OUTSIDE', [], location));
}

async function fingerprint({ volume, attempt }: Listing, diskPath: string) {
  const stats = await volume.fs.lstat(diskPath);
  recordFingerprint(volume.fingerprints, diskPath, stats, attempt);
  return stats;
}

/** `more`: files that were found but not counted yet. */
function isOverLimit(attempt: ReadAttempt, more = 0): boolean {
  const { fileCount, directoryCount, entryCount } = attempt;
  if (Math.max(fileCount + more, directoryCount) > MAX_FILES) {
    addFindingOnce(attempt, 'LG_CAPTURE_TOO_MANY', [MAX_FILES]);
    return true;
  }
  if (entryCount <= MAX_ENTRIES) return false;
  addFindingOnce(attempt, 'LG_CAPTURE_TOO_MANY', [MAX_ENTRIES]);
  return true;
}

function report(
  { volume, attempt }: Listing,
  path: string,
  code: ErrorCode,
  ...args: readonly unknown[]
): void {
  addFinding(attempt, code, args, snapshotPath(volume, path));
}

function snapshotPath({ settings }: Volume, path: string): string {
  return posix.join(settings.at, path);
}

/** The usual name, for LG_CAPTURE_KIND. */
export function kindOf(kind: Pick<Dirent, 'isFIFO' | 'isSocket'>): string {
  if (kind.isFIFO()) return 'FIFO';
  return kind.isSocket() ? 'socket' : 'device';
}
