import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Found, Snapshot } from '@lastgood/core/model/snapshot.ts';
import { isMountPoint } from '@lastgood/core/source/mounts.ts';
import type { Logger } from 'pino';
import { logProblem } from '../observability/log.ts';
import type { Ports } from '../runner/ports.ts';
import type { BundleSettings } from '../settings/settings.ts';
import type { Store } from '../steps/commit/state-store.ts';
import type { Env } from '../steps/expand/expand.ts';
import { preparePublished } from '../steps/publish/prepare-directory.ts';
import { publish } from '../steps/publish/publish.ts';

interface Bundle {
  readonly settings: BundleSettings;
  readonly env: Env;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Where the app reads: a published directory, an expanded file, or both. */
export interface Destination {
  readonly publish: Ports['publish'];
  /** What stands there at the start. */
  readonly read: Ports['readPublished'];
}

/** Makes the places ready. Rejects with LG_PUBLISH_FAILED. */
export async function openDestination(
  { settings, log, clock }: Bundle,
  { expandedDir }: Store,
  readBack: (dir: string) => Promise<Found>,
): Promise<Destination> {
  const { publish: dir, history, expand } = settings;
  const onTrouble = (finding: Finding) => logProblem(log, finding);
  const toDir = async (snapshot: Snapshot) => {
    if (dir !== undefined) await publish(snapshot, { dir, history, clock, onTrouble });
  };
  const whole = dir ?? (expand === undefined ? undefined : expandedDir);
  const readWhole = async () => (whole === undefined ? null : readBack(whole));
  if (expand === undefined) return { publish: toDir, read: readWhole };
  const { prepareExpanded, findExpanded } = await import('../steps/expand/expanded-file.ts');
  if (dir === undefined && whole !== undefined) await preparePublished(whole);
  return {
    publish: async (snapshot) => {
      // Before anything is seen of it: what has no room, or no place, leaves all as it was (P1).
      const putFile = await prepareExpanded(snapshot, expand, isMountPoint);
      await toDir(snapshot);
      // The file is one of several of the snapshot; a restart needs all of them to know what it is.
      if (dir === undefined && whole !== undefined)
        await publish(snapshot, { dir: whole, history: 0, clock, directoryMode: 0o700 });
      await putFile();
    },
    // With no memory nobody knows what the file is: it is written anew, and whoever may run on it told.
    read: async () => findExpanded(await readWhole(), expand),
  };
}

/** Captures, and expands what is to be expanded; few bundles have that, so it is loaded for them alone. */
export async function expandAfter(
  capture: Ports['capture'],
  { settings: { expand, maxSizeBytes }, env, log }: Bundle,
  { versionKey }: Store,
): Promise<Ports['capture']> {
  if (expand === undefined) return capture;
  const { captureExpanded } = await import('../steps/expand/expand-captured.ts');
  const onTrouble = (finding: Finding) => logProblem(log, finding);
  return captureExpanded(capture, { expand, env, maxSizeBytes, versionKey, onTrouble });
}
