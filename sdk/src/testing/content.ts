import { createHash } from 'node:crypto';
import { versionOf } from '@lastgood/core/capture/assemble.ts';
import { filterOf } from '@lastgood/core/fs/globs.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { BundleVersion } from '../provider.ts';
import { patternsOf } from '../secret-globs.ts';

/** The text or bytes of files by path: `{ 'config.yaml': 'batch_size: 8\n' }`. `undefined` removes a file. */
export type TestFiles = Readonly<Record<string, string | Uint8Array | undefined>>;

/** The version of these files. `secret`: globs of those whose values are secret. */
export function versionOfFiles(files: TestFiles, secret: readonly string[]): BundleVersion {
  const { includes } = filterOf({ include: secret.flatMap(patternsOf), exclude: [] });
  const made = Object.entries(files).flatMap(([path, content]) =>
    content === undefined ? [] : fileOf(path, content, includes(path)),
  );
  return { version: versionOf(made), files: made };
}

function fileOf(path: string, content: string | Uint8Array, secret: boolean): SnapshotFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, mode: 0o644, bytes, sha256, secret };
}
