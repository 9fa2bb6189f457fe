/** What the tests of this folder share. */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { versionOf } from '@lastgood/core/capture/assemble.ts';
import { captureDirectory } from '@lastgood/core/capture/capture.ts';
import { systemClock } from '@lastgood/core/model/clock.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';

interface GivenFile {
  readonly bytes: string | Buffer;
  readonly mode?: number;
}

/** A snapshot of these files by path; a text alone is a file of mode 0644. */
export function snapshotWith(given: Record<string, string | GivenFile>): Snapshot {
  const files = Object.entries(given).map(([path, value]) => {
    const { bytes, mode = 0o644 } = typeof value === 'string' ? { bytes: value } : value;
    const content = Buffer.from(bytes);
    return { path, mode, bytes: content, sha256: hash('sha256', content, 'hex'), secret: false };
  });
  const sizeBytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
  return { version: versionOf(files), files, sizeBytes, writtenAtMs: 0 };
}

/** A snapshot whose files all say to which generation they belong. */
export function generation(count: number): Snapshot {
  const content = String(count).padStart(8, '0').repeat(1_250);
  return snapshotWith({
    'a.yaml': content,
    'sub/deep/b.yaml': content,
    [`only-${count % 3}.yaml`]: content,
  });
}

/** The version that the directory holds, as a restarted sidecar would read it. */
export async function publishedVersion(dir: string): Promise<string> {
  const captured = await captureDirectory(dir, { clock: systemClock });
  return captured.ok ? captured.snapshot.version : JSON.stringify(captured.findings);
}

/** What an app sees that goes by the names: each file's text by path. */
export function seenByName(dir: string): Record<string, string> {
  const names = readdirSync(dir).filter((name) => !name.startsWith('..'));
  const paths = names.flatMap((name) =>
    statSync(join(dir, name)).isDirectory()
      ? readdirSync(join(dir, name), { recursive: true, encoding: 'utf8' })
          .map((inner) => join(name, inner))
          .filter((path) => statSync(join(dir, path)).isFile())
      : [name],
  );
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(dir, path), 'utf8')]));
}

/** The names of the layout that are there, and nothing else of it. */
export function layoutNames(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.startsWith('..'))
    .sort();
}
