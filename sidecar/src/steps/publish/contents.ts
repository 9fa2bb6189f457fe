import { dirname } from 'node:path';
import { isLayoutName } from '@lastgood/core/fs/kubelet-layout.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';

/** What the directory of a snapshot will contain. */
export interface Contents {
  /** Paths of the nested directories, one list for each depth, parents first. */
  readonly directories: readonly (readonly string[])[];
  /** First parts of the paths: each gets a link in the published directory. */
  readonly topNames: ReadonlySet<string>;
}

/**
 * Lists what to create for a snapshot. Throws if it is empty, or if a path would leave the directory or
 * collide with the names of the layout. Capture never creates such a path, but an error there must not
 * make lastgood write elsewhere.
 */
export function contentsOf(snapshot: Snapshot): Contents {
  if (snapshot.files.length === 0) throw new Error('the snapshot is empty');
  const byDepth: Set<string>[] = [];
  const topNames = new Set<string>();
  for (const { path } of snapshot.files) {
    const parts = path.split('/');
    if (!parts.every(isPlainName)) throw new Error(`${JSON.stringify(path)} is not a valid path`);
    topNames.add(parts[0] ?? path);
    for (let at = dirname(path), depth = parts.length - 2; depth >= 0; at = dirname(at), depth--) {
      const level = byDepth[depth] ?? new Set();
      byDepth[depth] = level.add(at);
    }
  }
  return { directories: byDepth.map((paths) => [...paths]), topNames };
}

function isPlainName(part: string): boolean {
  return part !== '' && part !== '.' && !isLayoutName(part) && !part.includes('\0');
}
