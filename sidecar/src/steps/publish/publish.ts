import { NO_LINK, THROUGH_LINKS, withDirectory } from '@lastgood/core/fs/directory-handle.ts';
import { DATA_LINK, NEXT_DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { allSettledOrThrow } from '@lastgood/core/fs/map-concurrent.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf, reasonOf, withErrorCode } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { syncDirectory } from '../../io/fs/atomic-write.ts';
import { makeDirectory } from '../../io/fs/make-directory.ts';
import { removeTree, unlinkIfAny } from '../../io/fs/remove-tree.ts';
import {
  currentNames,
  findMissingLinks,
  type MissingLinks,
  makeLinks,
  removeStaleLinks,
} from './links.ts';
import {
  NEXT_NAME_LINK,
  nextName,
  openRoot,
  type Root,
  removeUnfinished,
} from './published-root.ts';
import {
  contentsOf,
  createDirectory,
  type NewDirectory,
  removeDirectory,
  syncDirectories,
  writeFiles,
} from './snapshot-directory.ts';

/** The order in which a snapshot is published. A reader sees a change at `swap`, and only there. */
export const PUBLISH_STEPS = [
  'clear',
  'trim',
  'create',
  'write',
  'sync',
  'link',
  'swap',
  'sync-root',
  'unlink',
] as const;

export type PublishStep = (typeof PUBLISH_STEPS)[number];

type OnStep = (step: PublishStep) => void | Promise<void>;

export interface PublishOptions {
  /** The published directory; it must exist (`preparePublished`). */
  readonly dir: string;
  /** Lastgood itself makes `dir` where others may write, so a link in its place is not followed. */
  readonly isOwn?: boolean;
  /** How many older snapshots to keep, for slow readers and for people. */
  readonly history: number;
  readonly clock: Clock;
  /** Permission bits of the directories; default 0o755. The owner must be able to write. */
  readonly directoryMode?: number;
  /** Called if the disk fails after the swap, which remains in effect. */
  readonly onProblem?: (finding: Finding) => void;
  /** Called before each step; a test can stop or kill the process there. */
  readonly onStep?: OnStep;
}

/**
 * Prepares the published directory at the start: creates it, checks that it is writable, and removes
 * what a killed publish left behind. Keeps what is published. Rejects with LG_PUBLISH_FAILED.
 */
export async function preparePublished(dir: string, isOwn = false): Promise<void> {
  await withErrorCode('LG_PUBLISH_FAILED', dir, () => makeDirectory(dir));
  await withRoot(dir, isOwn, async (root) => {
    const { fs } = root;
    await removeUnfinished(root);
    // Tries what a publish begins with: permission bits show neither a read-only mount nor what root
    // may do.
    await fs.symlink('..', root.at(NEXT_DATA_LINK));
    await fs.unlink(root.at(NEXT_DATA_LINK));
    const others = root.snapshots.filter(({ name }) => name !== root.current);
    // A publish that was killed before it made `..data_tmp` leaves an empty directory, and `rmdir`
    // removes no other.
    await Promise.all(others.map(({ name }) => fs.rmdir(root.at(name)).catch(() => {})));
    const names = await currentNames(root);
    await makeLinks(root, await findMissingLinks(root, names));
    await removeStaleLinks(root, names);
  });
}

/** Opens the published directory for `work`. Rejects with LG_PUBLISH_FAILED. */
async function withRoot(
  dir: string,
  isOwn: boolean,
  work: (root: Root) => Promise<void>,
): Promise<void> {
  await withErrorCode('LG_PUBLISH_FAILED', dir, async () => {
    const root = await openRoot(dir, isOwn ? NO_LINK : THROUGH_LINKS);
    try {
      await work(root);
    } finally {
      root.close();
    }
  });
}

/**
 * Puts a snapshot where the app reads it, in the kubelet's layout, by one rename. A reader finds all of
 * the old snapshot or all of the new one, also after a kill -9 or a power cut at any instruction. One
 * publish at a time for each directory. Works through the open directory and follows no link in it,
 * because an app may be able to write there.
 *
 * Rejects with LG_PUBLISH_FAILED, and what was published before remains. If the volume is full, older
 * snapshots are removed first: history must not keep the app on a bad version.
 */
export async function publish(snapshot: Snapshot, options: PublishOptions): Promise<void> {
  const { dir, isOwn = false, history, clock, onStep = () => {} } = options;
  await withRoot(dir, isOwn, async (root) => {
    const contents = contentsOf(snapshot);
    await onStep('clear');
    if (root.unfinished) await removeUnfinished(root);
    await onStep('trim');
    // Runs beside the writing, which hides its time, and early, so that a full volume has room.
    const trimmed = trim(root, history);
    const name = nextName(snapshot.version, clock.wallMs(), root);
    const next = { ...contents, root, name, mode: options.directoryMode ?? 0o755 };
    try {
      await swapIn(next, onStep).catch(async (error) => {
        if (!FULL.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
        await trimmed;
        await trim(root, 0);
        await swapIn(next, onStep);
      });
    } finally {
      // It must not outlive the open directory, whose number could then be that of another file.
      await trimmed;
    }
    await onStep('sync-root');
    // Every reader sees the new snapshot by now; only a power cut could bring the old one back.
    await syncDirectory(dir, root.fs).catch((error) =>
      options.onProblem?.(findingOf('LG_PUBLISH_FAILED', [dir, reasonOf(error)])),
    );
    await onStep('unlink');
    await cleanUp(root, contents.topNames, history);
  });
}

/** Permission bits of an older snapshot that no app may read. */
const OWNER_ONLY = 0o700;

/**
 * Removes the older snapshots beside the published one, or keeps them for lastgood's own user alone: they
 * may have a password that is still valid. Not at the same time as `publish`. Rejects with LG_PUBLISH_FAILED
 * if the directory cannot be read; ignores what cannot be removed.
 */
export async function sealOlder(dir: string, keeps: boolean): Promise<void> {
  await withRoot(dir, false, async (root) => {
    const { fs, current, snapshots } = root;
    const older = current === undefined ? [] : snapshots.filter(({ name }) => name !== current);
    const seal = ({ name }: { readonly name: string }) =>
      keeps ? hide(root, name) : removeTree(root, name, fs);
    await Promise.all(older.map((each) => seal(each).catch(() => {})));
  });
}

/** By the open directory: a link that takes its place must not change the mode of another one. */
async function hide(root: Root, name: string): Promise<void> {
  await withDirectory(root.at(name), root.fs, ({ fd }) => root.fs.fchmod(fd, OWNER_ONLY));
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** Writes the new directory and lets `..data` lead to it; removes the directory if that fails. */
async function swapIn(next: NewDirectory, onStep: OnStep): Promise<void> {
  const { root } = next;
  const { fs } = root;
  const newLinks: string[] = [];
  try {
    const missing = await writeAside(next, onStep);
    await onStep('link');
    await makeLinks(root, missing, (name) => newLinks.push(name));
    await onStep('swap');
    await fs.rename(root.at(NEXT_DATA_LINK), root.at(DATA_LINK));
  } catch (error) {
    // If the disk fails, this may fail too; the next publish then does it.
    await allSettledOrThrow([
      ...[NEXT_NAME_LINK, ...newLinks].map((name) => unlinkIfAny(root.at(name), fs)),
      removeDirectory(next),
    ]).catch(() => {});
    throw error;
  }
}

/** Writes the new directory, and finds the links that it needs at the same time. */
async function writeAside(next: NewDirectory, onStep: OnStep): Promise<MissingLinks> {
  const write = async () => {
    await onStep('create');
    const top = await createDirectory(next);
    try {
      await onStep('write');
      await writeFiles(next, top);
      await onStep('sync');
      await syncDirectories(next, top);
    } finally {
      top.close();
    }
  };
  const [missing] = await allSettledOrThrow([
    findMissingLinks(next.root, next.topNames),
    write(),
  ] as const);
  return missing;
}

/** Removes the oldest snapshots, so that `history` of them remain after the swap. */
async function trim(root: Root, history: number): Promise<void> {
  const { current, snapshots, fs } = root;
  const older = snapshots.filter(({ name }) => name !== current);
  const kept = Math.max(0, current === undefined ? history : history - 1);
  const removed = older.slice(0, Math.max(0, older.length - kept));
  // Ignores one that cannot be removed: the next publish tries again.
  await Promise.all(removed.map(({ name }) => removeTree(root, name, fs).catch(() => {})));
}

/** Removes what the swap made obsolete. A failure is harmless, so it does not fail the publish. */
async function cleanUp(root: Root, topNames: ReadonlySet<string>, history: number): Promise<void> {
  await removeStaleLinks(root, topNames).catch(() => {});
  const replaced = root.snapshots.find(({ name }) => name === root.current);
  if (history === 0 && replaced !== undefined) {
    await removeTree(root, replaced.name, root.fs).catch(() => {});
  }
}
