import { hash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asyncFs, inMemory, syncFs } from '../fs/fs-adapter.ts';
import { DATA_LINK, isLayoutName } from '../fs/kubelet-layout.ts';
import type { Clock } from '../model/clock.ts';
import { findingOf, reasonOf } from '../model/error.ts';
import type { VolumeSettings } from '../model/volume-settings.ts';
import type { Captured } from './capture.ts';

/** A plain directory with more entries is told apart by its own time alone. */
const MAX_ENTRIES = 1_000;

/**
 * Makes the function that tells one swap from the next, for `reloadOn: swap`: no content is read, so
 * that nothing stands between the kubelet's rename and the app. Its versions name swaps: the same
 * content written twice has two. Never rejects.
 */
export function createSwapCapture(
  volumes: readonly Pick<VolumeSettings, 'path'>[],
  clock: Clock,
): () => Promise<Captured> {
  return async () => {
    const marks = await Promise.all(volumes.map(({ path }) => swapMark(path)));
    const findings = marks.filter((mark) => typeof mark !== 'string');
    if (findings.length > 0) return { ok: false, findings };
    const digest = hash('sha256', marks.join('\n'), 'hex');
    const writtenAtMs = clock.wallMs();
    return {
      ok: true,
      snapshot: { version: `sha256:${digest}`, files: [], sizeBytes: 0, writtenAtMs },
    };
  };
}

/** What differs from one swap to the next; a finding where there is no volume. */
async function swapMark(path: string) {
  const calls = (await inMemory(path).catch(() => false)) ? syncFs : asyncFs;
  try {
    return await calls.readlink(join(path, DATA_LINK));
  } catch {
    // No volume of the kubelet's.
  }
  try {
    return await fingerprintDirectory(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return findingOf('LG_CAPTURE_MISSING', [path]);
    return findingOf('LG_CAPTURE_UNREADABLE', [reasonOf(error)], { file: path });
  }
}

/** How a plain directory, and each entry of it, looks; or a file that is the volume. */
async function fingerprintDirectory(path: string): Promise<string> {
  const root = await lstat(path, { bigint: true });
  if (!root.isDirectory()) return fingerprintEntry(path, root);
  const names = (await readdir(path)).filter((name) => !isLayoutName(name)).sort();
  const shown = names.length > MAX_ENTRIES ? [] : names;
  const stamps = shown.map(async (name) => {
    const entry = join(path, name);
    // What vanishes meanwhile makes an event of its own.
    return lstat(entry, { bigint: true }).then(
      (stats) => fingerprintEntry(name, stats),
      () => name,
    );
  });
  return [fingerprintEntry('.', root), ...(await Promise.all(stamps))].join('\n');
}

interface Times {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

function fingerprintEntry(name: string, { ino, size, mtimeNs, ctimeNs }: Times): string {
  return [name, ino, size, mtimeNs, ctimeNs].join(' ');
}
