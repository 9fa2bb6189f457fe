import { openDirectory } from '@lastgood/core/fs/directory-handle.ts';
import { DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { MAX_FILES } from '@lastgood/core/fs/limits.ts';
import { allSettledOrThrow } from '@lastgood/core/fs/map-concurrent.ts';
import { ignoreNoDirectory, unlinkIfAny } from '../../io/fs/remove-tree.ts';
import { NEXT_NAME_LINK, type Root, readlinkIfAny, snapshotNames } from './published-root.ts';

/** The top-level names without a link, and those with something else in its place. */
export interface MissingLinks {
  readonly absent: readonly string[];
  readonly foreign: readonly string[];
}

/** Compares the published directory with the names that it should contain. */
export async function findMissingLinks(
  root: Root,
  topNames: ReadonlySet<string>,
): Promise<MissingLinks> {
  const present = new Set(root.names);
  const absent = [...topNames].filter((name) => !present.has(name));
  const shown = [...topNames].filter((name) => present.has(name));
  return { absent, foreign: await filterOurs(root, shown, false) };
}

/**
 * Makes the missing links, before the swap: until then a new name is a dangling link, and from then on
 * a reader that opens names finds every file of the new snapshot. In the other order it could find a
 * new `config.yaml` without a new file that it refers to. Calls `onMade` for each name that is new.
 * Rejects with the system's error.
 */
export async function makeLinks(
  root: Root,
  missing: MissingLinks,
  onMade: (name: string) => void = () => {},
): Promise<void> {
  const { fs } = root;
  for (const name of missing.absent) {
    await fs.symlink(targetOf(name), root.at(name));
    onMade(name);
  }
  for (const name of missing.foreign) {
    // By rename, so that a reader of the old content never finds the name missing.
    await fs.symlink(targetOf(name), root.at(NEXT_NAME_LINK));
    await fs.rename(root.at(NEXT_NAME_LINK), root.at(name));
  }
}

/**
 * Removes our links to names that the snapshot no longer has, after the swap, so that the old snapshot
 * never misses a file. Rejects with the system's error.
 */
export async function removeStaleLinks(root: Root, topNames: ReadonlySet<string>): Promise<void> {
  const unknown = root.names.filter((name) => !topNames.has(name));
  const stale = await filterOurs(root, unknown, true);
  await allSettledOrThrow(stale.map((name) => unlinkIfAny(root.at(name), root.fs)));
}

/** The names that the current snapshot should show. Rejects with the system's error. */
export async function currentNames(root: Root): Promise<ReadonlySet<string>> {
  const { current, fs } = root;
  const names = new Set<string>();
  if (current === undefined || snapshotNames([current]).length === 0) return names;
  const directory = await openDirectory(root.at(current), fs).catch(ignoreNoDirectory);
  try {
    if (directory !== undefined)
      await fs.readdir(directory.at('.'), ({ name }) => names.add(name).size < MAX_FILES);
  } finally {
    directory?.close();
  }
  return names;
}

async function filterOurs(root: Root, names: readonly string[], ours: boolean): Promise<string[]> {
  const targets = await allSettledOrThrow(
    names.map((name) => readlinkIfAny(root.at(name), root.fs)),
  );
  return names.filter((name, index) => (targets[index] === targetOf(name)) === ours);
}

function targetOf(name: string): string {
  return `${DATA_LINK}/${name}`;
}
