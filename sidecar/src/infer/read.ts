import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createCapture } from '../capture/capture.ts';
import { systemClock } from '../clock.ts';
import { type ErrorCode, findingOf, reasonOf } from '../errors.ts';
import type { SnapshotFile } from '../snapshot.ts';
import type { Finding } from '../verdict.ts';

/** As the default of a bundle. */
const MAX_SIZE_BYTES = 4 * 2 ** 20;

/** What stands at a path: one file under its own path, or the files of a volume. */
export type Read =
  | { readonly kind: 'file' | 'directory'; readonly files: readonly SnapshotFile[] }
  | { readonly kind: 'nothing'; readonly findings: readonly Finding[] };

/** Reads a file, or a directory as one consistent snapshot. Never rejects. */
export async function readAt(path: string, secret: boolean): Promise<Read> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return await readDirectory(path, secret);
    if (!stats.isFile()) return nothing('LG_CAPTURE_UNREADABLE', 'it is no regular file', path);
    if (stats.size > MAX_SIZE_BYTES) return nothing('LG_CAPTURE_TOO_LARGE', '4Mi', path);
    return { kind: 'file', files: [fileOf(path, await readFile(path), secret)] };
  } catch (thrown) {
    return nothing('LG_CAPTURE_UNREADABLE', reasonOf(thrown), path);
  }
}

async function readDirectory(path: string, secret: boolean): Promise<Read> {
  const volume = { path, at: '.', include: ['**'], exclude: [], secret };
  const options = { volumes: [volume], maxSizeBytes: MAX_SIZE_BYTES, clock: systemClock };
  const captured = await createCapture(options)();
  if (!captured.ok) return { kind: 'nothing', findings: captured.findings };
  return { kind: 'directory', files: captured.snapshot.files };
}

function fileOf(path: string, bytes: Buffer, secret: boolean): SnapshotFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, mode: 0o644, bytes, sha256, secret };
}

function nothing(code: ErrorCode, reason: string, file: string): Read {
  return { kind: 'nothing', findings: [findingOf(code, [reason], { file })] };
}
