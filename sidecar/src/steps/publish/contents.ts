import { dirname } from 'node:path';
import { isLayoutName } from '@lastgood/core/fs/kubelet-layout.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';

/** What a snapshot's directory will hold. */
export interface Contents {
  /** Paths of the nested directories, one list for each depth, parents first. */
  readonly directories: readonly (readonly string[])[];
  /** First parts of the paths: each gets a link in the published directory. */
  readonly topNames: ReadonlySet<string>;
}

/**
 * Lists what is to be made for a snapshot. Throws when it is empty, or when a path would leave the
 * directory or meet the layout's own names: capture never makes such a one, and nothing that it
 * ever did wrong may make us write elsewhere.
 */
export function contentsOf(snapshot: Snapshot): Contents {
  if (snapshot.files.length === 0) throw new Error('the snapshot holds no file');
  const byDepth: Set<string>[] = [];
  const topNames = new Set<string>();
  for (const { path } of snapshot.files) {
    const parts = path.split('/');
    if (!parts.every(isPlainName)) throw new Error(`${JSON.stringify(path)} is no path for a file`);
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
