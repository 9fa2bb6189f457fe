import { join } from 'node:path';
import { DATA_LINK, NEXT_DATA_LINK } from '@lastgood/core/fs/kubelet-layout.ts';
import { allSettledOrThrow } from '@lastgood/core/fs/map-concurrent.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf, LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { syncDirectory } from '../../io/fs/atomic-write.ts';
import { contentsOf } from './contents.ts';
import { nextName } from './directory-names.ts';
import { type MissingLinks, makeLinks, missingLinks, removeGoneLinks } from './links.ts';
import {
  NEXT_NAME_LINK,
  type Root,
  readRoot,
  removeTree,
  removeUnfinished,
  unlinkIfAny,
} from './published-root.ts';
import {
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

export interface PublishOptions {
  /** The published directory; it must exist (`preparePublished`). */
  readonly dir: string;
  /** How many older snapshots stay beside the current one, for slow readers and for people. */
  readonly history: number;
  readonly clock: Clock;
  /** Permission bits of the directories; default 0o755. The owner must be able to write. */
  readonly directoryMode?: number;
  /** Told of a disk that fails after the swap, which then stands all the same. */
  readonly onTrouble?: (finding: Finding) => void;
  /** Called before each step; a test holds or kills the process there. */
  readonly onStep?: (step: PublishStep) => void | Promise<void>;
}

/**
 * Puts a snapshot where the app reads it, in the kubelet's layout, by one rename. A reader finds
 * all of the old snapshot or all of the new one, and so does whoever comes after a kill -9 or a
 * power cut at any instruction. One publish at a time for each directory.
 *
 * Rejects with LG_PUBLISH_FAILED; what was published before then still stands. A volume that is full
 * loses its older snapshots first: history must not keep the app on a bad version.
 */
export async function publish(snapshot: Snapshot, options: PublishOptions): Promise<void> {
  const { dir, history, clock, directoryMode: mode = 0o755, onStep = () => {} } = options;
  await reported(dir, async () => {
    const contents = contentsOf(snapshot);
    const root = await readRoot(dir);
    await onStep('clear');
    if (root.unfinished) await removeUnfinished(root);
    await onStep('trim');
    // Beside the writing, which hides its time, and before its end, so that a full volume has room.
    const trimmed = trim(root, history);
    const name = nextName(snapshot.version, clock.wallMs(), root.stamped);
    const next = { root, name, snapshot, contents, mode };
    await swapIn(next, onStep).catch(async (error) => {
      if (!FULL.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await trimmed;
      await trim(root, 0);
      await swapIn(next, onStep);
    });
    await onStep('sync-root');
    // Every reader sees the new one by now; only a power cut could still bring the old one back.
    await syncDirectory(dir, root.calls).catch((error) =>
      options.onTrouble?.(findingOf('LG_PUBLISH_FAILED', [dir, reasonOf(error)])),
    );
    await onStep('unlink');
    await allSettledOrThrow([tidy(root, contents.topNames, history), trimmed]);
  });
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** Runs a piece of publishing; what it throws becomes LG_PUBLISH_FAILED. */
export async function reported(dir: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new LastgoodError('LG_PUBLISH_FAILED', [dir, reasonOf(error)], { cause: error });
  }
}

/** Writes the new directory and turns `..data` to it; if that fails, removes it again. */
async function swapIn(
  next: NewDirectory,
  onStep: (step: PublishStep) => void | Promise<void>,
): Promise<void> {
  const { dir, calls } = next.root;
  const newLinks: string[] = [];
  try {
    const missing = await writeAside(next, onStep);
    await onStep('link');
    await makeLinks(next.root, missing, (made) => newLinks.push(made));
    await onStep('swap');
    await calls.rename(join(dir, NEXT_DATA_LINK), join(dir, DATA_LINK));
  } catch (error) {
    // On a disk that fails this may fail too; then the next publish does it.
    await allSettledOrThrow([
      ...[NEXT_NAME_LINK, ...newLinks].map((name) => unlinkIfAny(join(dir, name), calls)),
      removeDirectory(next),
    ]).catch(() => {});
    throw error;
  }
}

/** Writes the new directory, and finds out meanwhile which links it needs. */
async function writeAside(
  next: NewDirectory,
  onStep: (step: PublishStep) => void | Promise<void>,
): Promise<MissingLinks> {
  const written = async () => {
    await onStep('create');
    await createDirectory(next);
    await onStep('write');
    await writeFiles(next);
    await onStep('sync');
    await syncDirectories(next);
  };
  const [missing] = await allSettledOrThrow([
    missingLinks(next.root, next.contents.topNames),
    written(),
  ] as const);
  return missing;
}

/** Removes the oldest snapshots, so that `history` remain once the current one is an older one. */
async function trim({ dir, current, stamped, calls }: Root, history: number): Promise<void> {
  const older = stamped.filter(({ name }) => name !== current);
  const kept = Math.max(0, current === undefined ? history : history - 1);
  const removed = older.slice(0, Math.max(0, older.length - kept));
  // One that cannot be removed harms nobody, and the next publish tries again.
  await Promise.all(removed.map(({ name }) => removeTree(join(dir, name), calls).catch(() => {})));
}

/** What is left to remove after the swap. It harms nobody, so it cannot fail the publish. */
async function tidy(root: Root, topNames: ReadonlySet<string>, history: number): Promise<void> {
  await removeGoneLinks(root, topNames).catch(() => {});
  const replaced = root.stamped.find(({ name }) => name === root.current);
  if (history === 0 && replaced !== undefined) {
    await removeTree(join(root.dir, replaced.name), root.calls).catch(() => {});
  }
}
