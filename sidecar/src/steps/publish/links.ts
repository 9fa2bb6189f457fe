import { join } from 'node:path';
import { DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { allSettledOrThrow } from '@lastgood/core/fs/map-concurrent.ts';
import {
  ignoreMissing,
  NEXT_NAME_LINK,
  type Root,
  readlinkIfAny,
  unlinkIfAny,
} from './published-root.ts';

/** The top-level names whose link is not there yet, and those where something else stands. */
export interface MissingLinks {
  readonly absent: readonly string[];
  readonly foreign: readonly string[];
}

/** Compares the published directory with the names that it should show. */
export async function missingLinks(
  root: Root,
  topNames: ReadonlySet<string>,
): Promise<MissingLinks> {
  const present = new Set(root.names);
  const absent = [...topNames].filter((name) => !present.has(name));
  const shown = [...topNames].filter((name) => present.has(name));
  return { absent, foreign: await filterOurs(root, shown, false) };
}

/**
 * Makes the missing links. This comes before the swap: until then a new name leads nowhere, and
 * from then on a reader that goes by the names finds each file of the new snapshot. The other way
 * round it would for a moment find a new `config.yaml` without the new file that it refers to.
 * Calls `made` for each that did not exist before. Rejects with the system's error.
 */
export async function makeLinks(
  { dir, calls }: Root,
  missing: MissingLinks,
  made: (name: string) => void = () => {},
): Promise<void> {
  for (const name of missing.absent) {
    await calls.symlink(targetOf(name), join(dir, name));
    made(name);
  }
  for (const name of missing.foreign) {
    // By rename, so that whoever reads what stood there before never finds nothing.
    await calls.symlink(targetOf(name), join(dir, NEXT_NAME_LINK));
    await calls.rename(join(dir, NEXT_NAME_LINK), join(dir, name));
  }
}

/**
 * Removes our links to names that are gone, and nothing else. This comes after the swap, so that
 * the old snapshot never misses one of its files. Rejects with the system's error.
 */
export async function removeGoneLinks(root: Root, topNames: ReadonlySet<string>): Promise<void> {
  const unknown = root.names.filter((name) => !topNames.has(name));
  const gone = await filterOurs(root, unknown, true);
  await allSettledOrThrow(gone.map((name) => unlinkIfAny(join(root.dir, name), root.calls)));
}

/** The names that the current snapshot should show. Rejects with the system's error. */
export async function currentNames({ dir, current, calls }: Root): Promise<ReadonlySet<string>> {
  if (current === undefined) return new Set();
  const entries = await calls.readdir(join(dir, current)).catch(ignoreMissing);
  return new Set(entries?.map((entry) => entry.name));
}

async function filterOurs(root: Root, names: readonly string[], ours: boolean): Promise<string[]> {
  const targets = await allSettledOrThrow(
    names.map((name) => readlinkIfAny(join(root.dir, name), root.calls)),
  );
  return names.filter((name, index) => (targets[index] === targetOf(name)) === ours);
}

function targetOf(name: string): string {
  return `${DATA_LINK}/${name}`;
}
