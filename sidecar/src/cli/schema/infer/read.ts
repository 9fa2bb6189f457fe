import { readFile, stat } from 'node:fs/promises';
import { createCapture } from '@lastgood/core/capture/capture.ts';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { fileOf } from '../../manifests/config-object.ts';
import { manifestsInFile } from '../../manifests/manifests.ts';

/** The default of a bundle. */
const MAX_SIZE_BYTES = 4 * 2 ** 20;

/** What is at a path: one file under its own path, or the files of a volume. */
export type Read =
  | {
      readonly kind: 'file' | 'directory';
      readonly files: readonly SnapshotFile[];
      /** The ConfigMap or Secret of a manifest that becomes this volume. */
      readonly object?: string;
    }
  | { readonly kind: 'nothing'; readonly findings: readonly Finding[] };

/**
 * Reads a file, a directory as one consistent snapshot, or each ConfigMap and Secret of a manifest
 * as the volume that it becomes. Never rejects.
 */
export async function readAt(path: string, secret: boolean): Promise<readonly Read[]> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return [await readDirectory(path, secret)];
    if (!stats.isFile()) return [nothing('LG_INPUT_UNREADABLE', 'it is not a regular file', path)];
    if (stats.size > MAX_SIZE_BYTES) return [nothing('LG_CAPTURE_TOO_LARGE', '4Mi', path)];
    const file = fileOf(path, await readFile(path), secret);
    const found = manifestsInFile(file, path);
    if (!('configs' in found) || found.configs.length === 0)
      return [{ kind: 'file', files: [file] }];
    return found.configs.map(({ object, files }) => ({
      kind: 'directory',
      files: files.map(({ file }) => file),
      object: object.name,
    }));
  } catch (thrown) {
    return [nothing('LG_INPUT_UNREADABLE', reasonOf(thrown), path)];
  }
}

async function readDirectory(path: string, secret: boolean): Promise<Read> {
  const volume = { path, at: '.', include: ['**'], exclude: [], secret };
  const options = { volumes: [volume], maxSizeBytes: MAX_SIZE_BYTES, clock: systemClock };
  const captured = await createCapture(options)();
  if (!captured.ok) return { kind: 'nothing', findings: captured.findings };
  return { kind: 'directory', files: captured.snapshot.files };
}

function nothing(code: ErrorCode, reason: string, file: string): Read {
  return { kind: 'nothing', findings: [findingOf(code, [reason], { file })] };
}
