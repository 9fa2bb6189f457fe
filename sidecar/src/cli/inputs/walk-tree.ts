import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isInside } from '@lastgood/core/fs/is-inside.ts';
import { reasonOf } from '@lastgood/core/model/error.ts';

/** Directories of other tools: many files, and none of them is configuration. */
const OTHER_TOOLS = ['.git', 'node_modules'];

/** The files of a working tree. */
interface Tree {
  /** Regular files, each once, in order. */
  readonly files: readonly string[];
  /** What cannot be read, and why. */
  readonly unreadable: Map<string, string>;
}

/**
 * Lists the files of a working tree of any size whose name matches. Follows a link only to a file outside
 * of the tree: what is inside has its own place. Leaves out sockets, pipes and devices. Never rejects.
 */
export async function walkTree(directory: string, matches: RegExp): Promise<Tree> {
  const files: string[] = [];
  const unreadable = new Map<string, string>();
  const root = await realpath(directory).catch(() => directory);
  const leadsOutside = async (link: string) =>
    !isInside(root, await realpath(link)) && (await stat(link)).isFile();
  const pending = [directory];
  for (let path = pending.pop(); path !== undefined; path = pending.pop())
    try {
      for (const entry of await readdir(path, { withFileTypes: true })) {
        const inner = join(path, entry.name);
        if (entry.isDirectory() && !OTHER_TOOLS.includes(entry.name)) pending.push(inner);
        if (!matches.test(entry.name)) continue;
        const isLink = entry.isSymbolicLink();
        // Nothing can be read through a link that leads nowhere.
        if (entry.isFile() || (isLink && (await leadsOutside(inner).catch(() => false))))
          files.push(inner);
      }
    } catch (thrown) {
      unreadable.set(path, reasonOf(thrown));
    }
  return { files: files.toSorted(), unreadable };
}
