import { readFile, stat } from 'node:fs/promises';
import { createCapture } from '@lastgood/core/capture/capture.ts';
import { decode } from '@lastgood/core/formats/decode.ts';
import { formatOfPath, hasGrammar } from '@lastgood/core/formats/formats.ts';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { fileOf } from '../../manifests/config-object.ts';
import { readManifests } from '../../manifests/manifests.ts';

/** As the default of a bundle. */
const MAX_SIZE_BYTES = 4 * 2 ** 20;

/** What stands at a path: one file under its own path, or the files of a volume. */
export type Read =
  | {
      readonly kind: 'file' | 'directory';
      readonly files: readonly SnapshotFile[];
      /** The ConfigMap or Secret of a manifest that becomes this volume. */
      readonly object?: string;
    }
  | { readonly kind: 'nothing'; readonly findings: readonly Finding[] };

/**
 * Reads a file, a directory as one consistent snapshot, or each ConfigMap and Secret of a manifest as
 * the volume that it becomes. Never rejects.
 */
export async function readAt(path: string, secret: boolean): Promise<readonly Read[]> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return [await readDirectory(path, secret)];
    if (!stats.isFile()) return [nothing('LG_INPUT_UNREADABLE', 'it is no regular file', path)];
    if (stats.size > MAX_SIZE_BYTES) return [nothing('LG_CAPTURE_TOO_LARGE', '4Mi', path)];
    const bytes = await readFile(path);
    const objects = objectsIn(path, bytes);
    return objects.length > 0 ? objects : [{ kind: 'file', files: [fileOf(path, bytes, secret)] }];
  } catch (thrown) {
    return [nothing('LG_INPUT_UNREADABLE', reasonOf(thrown), path)];
  }
}

function objectsIn(path: string, bytes: Buffer): readonly Read[] {
  const format = formatOfPath(path);
  const decoded = decode(bytes);
  if (!hasGrammar(format) || !decoded.ok) return [];
  const { configs = [] } = readManifests(path, decoded.text, format) ?? {};
  return configs.map(({ object, files }) => ({
    kind: 'directory',
    files: files.map(({ file }) => file),
    object: object.name,
  }));
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
