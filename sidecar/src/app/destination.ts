import { isMountPoint } from '@lastgood/core/fs/mount-table.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingFrom } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Found, Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { Logger } from 'pino';
import { STATE_DIRECTORY_MODE } from '../io/fs/state-file.ts';
import { logProblem } from '../observability/log.ts';
import type { Ports } from '../runner/ports.ts';
import { isOverSocket } from '../settings/bundle.ts';
import type { BundleSettings } from '../settings/settings.ts';
import type { Store } from '../steps/commit/state-store.ts';
import { sweepDryRun } from '../steps/prepare/prepare.ts';
import { preparePublished, publish, sealOlder } from '../steps/publish/publish.ts';

interface DestinationOptions {
  readonly settings: BundleSettings;
  readonly store: Pick<Store, 'expandedDir' | 'socketDir'>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly readBack: (dir: string) => Promise<Found>;
  /** The bundle holds secrets (P8). */
  readonly sealed: boolean;
  readonly once: boolean;
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
  const { settings, store, log, clock, readBack, sealed, once } = options;
  const { publish: dir, history, expand } = settings;
  if (dir !== undefined) {
    const prepare = createPreparation(dir);
    // A directory that cannot be written to must not end the sidecar: the publish is tried again, and
    // until then `/readyz` says why (P9).
    await prepare().catch((error) => logProblem(log, findingFrom(error)));
    const onProblem = (finding: Finding) => logProblem(log, finding);
    const write = async (snapshot: Snapshot) => {
      await prepare();
      await publish(snapshot, { dir, history, clock, onProblem });
    };
    const seal = () => sealOlder(dir, history > 1);
    const publishSealed = createSealing(write, seal, once ? 0 : SLOW_READER_MS);
    return { publish: sealed ? publishSealed : write, readPublished: () => readBack(dir) };
  }
  const privateDir = expand === undefined ? socketDirOf(options) : store.expandedDir;
  // In direct mode the app reads the volume itself.
  if (privateDir === undefined) return { publish: async () => {}, readPublished: async () => null };
  // The app only gets the expanded file, or all files over the socket; a restarted sidecar needs all
  // of them to know their version.
  await preparePublished(privateDir);
  return {
    publish: (snapshot) => publishPrivately(snapshot, privateDir, clock),
    readPublished: () => readBack(privateDir),
  };
}

function socketDirOf({ settings, store }: DestinationOptions): string | undefined {
  return isOverSocket(settings) ? store.socketDir : undefined;
}

/** An app that resolved `..data` just before a swap finds its files for this long. */
const SLOW_READER_MS = 60_000;

/** Publishes, and some time after that or after the start seals what is older; never both at a time. */
function createSealing(
  write: Destination['publish'],
  seal: () => Promise<void>,
  afterMs: number,
): Destination['publish'] {
  let last: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const inTurn = (work: () => Promise<void>) => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
  const sealLater = () => {
    clearTimeout(timer);
    // The next publish or start seals what this one could not.
    timer = setTimeout(() => inTurn(seal).catch(() => {}), afterMs).unref();
  };
  if (afterMs > 0) sealLater();
  return async (snapshot) => {
    await inTurn(() => write(snapshot));
    if (afterMs > 0) sealLater();
    else await inTurn(seal).catch(() => {});
  };
}

/** Prepares the published directory, once; a call after a failure tries again. */
function createPreparation(dir: string): () => Promise<void> {
  let isPrepared = false;
  return async () => {
    if (isPrepared) return;
    await preparePublished(dir);
    await sweepDryRun(dir);
    isPrepared = true;
  };
}

/** Publishes into a directory that only the sidecar's user can read. */
export function publishPrivately(snapshot: Snapshot, dir: string, clock: Clock): Promise<void> {
  return publish(snapshot, { dir, history: 0, clock, directoryMode: STATE_DIRECTORY_MODE });
}
