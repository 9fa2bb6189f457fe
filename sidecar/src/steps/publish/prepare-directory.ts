import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NEXT_DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { currentNames, makeLinks, missingLinks, removeGoneLinks } from './links.ts';
import { reported } from './publish.ts';
import { readRoot, removeUnfinished } from './published-root.ts';

/**
 * Makes the published directory ready, at the start: creates it, checks that it can be written to,
 * and removes what a killed publish left behind. What is published stays as it is.
 * Rejects with LG_PUBLISH_FAILED.
 */
export async function preparePublished(dir: string): Promise<void> {
  await reported(dir, async () => {
    await mkdir(dir, { recursive: true });
    const root = await readRoot(dir);
    const { calls } = root;
    await removeUnfinished(root);
    // The very thing that a publish begins with: permission bits alone tell neither of a read-only
    // mount nor of what root may do.
    await calls.symlink('..', join(dir, NEXT_DATA_LINK));
    await calls.unlink(join(dir, NEXT_DATA_LINK));
    const others = root.stamped.filter(({ name }) => name !== root.current);
    // Killed between a directory and its `..data_tmp`: only such a one is empty, and only an empty
    // one can be removed like this.
    await Promise.all(others.map(({ name }) => calls.rmdir(join(dir, name)).catch(() => {})));
    const names = await currentNames(root);
    await makeLinks(root, await missingLinks(root, names));
    await removeGoneLinks(root, names);
  });
}
