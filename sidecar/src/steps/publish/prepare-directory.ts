import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NEXT_DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { withErrorCode } from '@lastgood/core/model/error.ts';
import { currentNames, findMissingLinks, makeLinks, removeStaleLinks } from './links.ts';
import { readRoot, removeUnfinished } from './published-root.ts';

/**
 * Prepares the published directory at the start: creates it, checks that it is writable, and removes
 * what a killed publish left behind. Keeps what is published. Rejects with LG_PUBLISH_FAILED.
 */
export async function preparePublished(dir: string): Promise<void> {
  await withErrorCode('LG_PUBLISH_FAILED', dir, async () => {
    await mkdir(dir, { recursive: true });
    const root = await readRoot(dir);
    const { fs } = root;
    await removeUnfinished(root);
    // Tries what a publish begins with: permission bits show neither a read-only mount nor what root
    // may do.
    await fs.symlink('..', join(dir, NEXT_DATA_LINK));
    await fs.unlink(join(dir, NEXT_DATA_LINK));
    const others = root.snapshots.filter(({ name }) => name !== root.current);
    // A publish that was killed before it made `..data_tmp` leaves an empty directory, and `rmdir`
    // removes no other.
    await Promise.all(others.map(({ name }) => fs.rmdir(join(dir, name)).catch(() => {})));
    const names = await currentNames(root);
    await makeLinks(root, await findMissingLinks(root, names));
    await removeStaleLinks(root, names);
  });
}
