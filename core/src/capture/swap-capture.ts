import { hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncFs, type FsAdapter, inMemory, syncFs } from '../fs/fs-adapter.ts';
import { DATA_LINK, isLayoutName } from '../fs/kubelet-layout.ts';
import type { Clock } from '../model/clock.ts';
import { findingOf, reasonOf } from '../model/error.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { VolumeSettings } from '../model/volume-settings.ts';
import type { Captured } from './capture.ts';

/** In a larger plain directory, only changes of the directory itself count. */
const MAX_ENTRIES = 1_000;

/**
 * Creates the capture for `reloadOn: swap`, which reads no content, to save the time between the
 * kubelet's rename and the app. Its versions identify swaps: the same content written twice has two. The
 * function never rejects.
 */
export function createSwapCapture(
  volumes: readonly Pick<VolumeSettings, 'path'>[],
  clock: Clock,
): () => Promise<Captured> {
  let last: Snapshot | undefined;
  return async () => {
    const marks = await Promise.all(volumes.map(({ path }) => swapMark(path)));
    const findings = marks.filter((mark) => typeof mark !== 'string');
    if (findings.length > 0) return { ok: false, findings };
    const version = `sha256:${hash('sha256', marks.join('\n'), 'hex')}` as const;
    if (last?.version !== version)
      last = { version, files: [], sizeBytes: 0, writtenAtMs: clock.wallMs() };
    return { ok: true, snapshot: last };
  };
}

/** A text that differs after each swap; a finding if there is no volume. */
async function swapMark(path: string) {
  const fs: FsAdapter = (await inMemory(path).catch(() => false)) ? syncFs : asyncFs;
  const dataDir = await fs.readlink(join(path, DATA_LINK)).catch(() => undefined);
  if (dataDir !== undefined) return dataDir;
  // Not a volume of the kubelet.
  try {
    return await fingerprintDirectory(path, fs);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return findingOf('LG_CAPTURE_MISSING', [path]);
    return findingOf('LG_CAPTURE_UNREADABLE', [reasonOf(error)], { file: path });
  }
}

/** How a plain directory and its entries look, or a volume that is a file. */
async function fingerprintDirectory(path: string, fs: FsAdapter): Promise<string> {
  const root = await lstat(path, { bigint: true });
  if (!root.isDirectory()) return fingerprintEntry(path, root);
  const names: string[] = [];
  await fs.readdir(path, ({ name }) => {
    if (!isLayoutName(name)) names.push(name);
    return names.length <= MAX_ENTRIES;
  });
  const shown = names.length > MAX_ENTRIES ? [] : names.sort();
  const fingerprints = shown.map((name) =>
    lstat(join(path, name), { bigint: true }).then(
      (stats) => fingerprintEntry(name, stats),
      // An entry that vanishes meanwhile causes another event.
      () => name,
    ),
  );
  return [fingerprintEntry('.', root), ...(await Promise.all(fingerprints))].join('\n');
}

function fingerprintEntry(name: string, { ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [name, ino, size, mtimeNs, ctimeNs].join(' ');
}
