import { isMountPoint } from '@lastgood/core/fs/mount-table.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Found, Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { Logger } from 'pino';
import { STATE_DIRECTORY_MODE } from '../io/fs/state-file.ts';
import { logProblem } from '../observability/log.ts';
import type { Ports } from '../runner/ports.ts';
import type { BundleSettings } from '../settings/settings.ts';
import type { Store } from '../steps/commit/state-store.ts';
import { preparePublished, publish } from '../steps/publish/publish.ts';

interface DestinationOptions {
  readonly settings: BundleSettings;
  readonly store: Pick<Store, 'expandedDir'>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly readBack: (dir: string) => Promise<Found>;
}

/** Where the app reads: a published directory, an expanded file, or both. */
type Destination = Pick<Ports, 'publish' | 'readPublished'>;

/** Rejects with LG_PUBLISH_FAILED. */
export async function openDestination(options: DestinationOptions): Promise<Destination> {
  const { expand } = options.settings;
  const whole = await openDirectory(options);
  if (expand === undefined) return whole;
  const { prepareExpanded, findExpanded } = await import('../steps/expand/expanded-file.ts');
  return {
    publish: async (snapshot) => {
      // First, as it may fail for lack of space or of a directory: then nothing has changed (P1).
      const putFile = await prepareExpanded(snapshot, expand, isMountPoint);
      await whole.publish(snapshot);
      await putFile();
    },
    // Without `stateDir` the file's version is unknown: it is written again, and its app notified.
    readPublished: async () => findExpanded(await whole.readPublished(), expand),
  };
}

/** The directory with all files of the snapshot. */
async function openDirectory(options: DestinationOptions): Promise<Destination> {
  const { settings, store, log, clock, readBack } = options;
  const { publish: dir, history, expand } = settings;
  if (dir !== undefined) {
    return {
      publish: (snapshot) =>
        publish(snapshot, {
          dir,
          history,
          clock,
          onProblem: (finding) => logProblem(log, finding),
        }),
      readPublished: () => readBack(dir),
    };
  }
  const { expandedDir } = store;
  // In direct mode the app reads the volume itself.
  if (expand === undefined || expandedDir === undefined)
    return { publish: async () => {}, readPublished: async () => null };
  // The app only gets the expanded file; a restarted sidecar needs all files to know its version.
  await preparePublished(expandedDir);
  return {
    publish: (snapshot) => publishPrivately(snapshot, expandedDir, clock),
    readPublished: () => readBack(expandedDir),
  };
}

/** Publishes into a directory that only the sidecar's user can read. */
export function publishPrivately(snapshot: Snapshot, dir: string, clock: Clock): Promise<void> {
  return publish(snapshot, { dir, history: 0, clock, directoryMode: STATE_DIRECTORY_MODE });
}
