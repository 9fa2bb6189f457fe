import { captureDirectory, createCapture } from '@lastgood/core/capture/capture.ts';
import { createSwapCapture } from '@lastgood/core/capture/swap-capture.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { type Found, isSnapshot } from '@lastgood/core/model/snapshot.ts';
import type { Logger } from 'pino';
import { logProblem } from '../observability/log.ts';
import type { Observer, Ports } from '../runner/ports.ts';
import type { BundleSettings } from '../settings/settings.ts';
import { openStore } from '../steps/commit/state-store.ts';
import { createConfirm } from '../steps/confirm/confirm.ts';
import { createProbes } from '../steps/confirm/probes.ts';
import { createTargets } from '../steps/deliver/targets.ts';
import { createDryRun } from '../steps/prepare/dry-run.ts';
import { publish } from '../steps/publish/publish.ts';
import type { RunCommand } from '../steps/validate/validator.ts';
import type { BundleOptions } from './bundle.ts';
import { expandAfter, openDestination } from './destination.ts';

/** Makes the steps of a bundle ready. Rejects with what `openStore` and `openDestination` reject with. */
export async function createPorts(options: BundleOptions, observer: Observer): Promise<Ports> {
  const { settings, stateDir, clock, random, newId, log, client } = options;
  const { once, onBoundary } = options;
  const { maxSizeBytes, confirm, mountedAt, volumes } = settings;
  const store = await openStore(stateDir, settings.name, (reason) =>
    log.warn({ reason }, `the journal is of no use and is begun anew: ${reason}`),
  );
  // Of a swap nothing is read that could be put back; what was kept before is of other settings.
  const lastGoodDir = settings.reloadOn === 'swap' ? undefined : store.lastGoodDir;
  const sealed = isSealed(settings);
  // Commands run in this container, where the directory may stand elsewhere than in the app's.
  const seen = {
    client,
    clock,
    sealed,
    dir: settings.publish ?? volumes[0]?.path ?? mountedAt,
    memoryPath: store.memoryPath,
    restarts: settings.targets.some((target) => 'restart' in target),
    // After a restart, targets are told again to have something to compare with; here nobody can be.
    notesPath: settings.targets.length === 0 ? store.notesPath : undefined,
  };
  const probe = once || confirm === undefined ? undefined : await createProbes(confirm, seen);
  const key = sealed ? { versionKey: store.versionKey } : {};
  const readBack = (dir: string) => readDirectory(dir, { clock, ...key }, log);
  const capture =
    settings.reloadOn === 'swap'
      ? createSwapCapture(volumes, clock)
      : createCapture({ volumes, maxSizeBytes, clock, ...key });
  const place = await openDestination(options, store, readBack);
  return {
    capture: await expandAfter(capture, options, store),
    validate: await createBundleValidator(options, store.stagingDir),
    prepare:
      once || settings.prepare.length === 0
        ? undefined
        : createDryRun(settings, { client, clock, sealed }),
    publish: place.publish,
    targets: once ? [] : await createTargets(settings.targets, seen),
    beforeDelivery: probe?.before,
    confirm:
      confirm === undefined || probe === undefined
        ? async () => ({ accepted: true, findings: [] })
        : createConfirm({ ...confirm, probe, clock }),
    keep: async (snapshot) => {
      if (lastGoodDir === undefined) return;
      // `--once` asks for no proof, so it must not replace what the app has proven.
      if (once && confirm !== undefined && isSnapshot(await readBack(lastGoodDir))) return;
      await publish(snapshot, { dir: lastGoodDir, history: 0, clock, directoryMode: 0o700 });
    },
    readPublished: place.read,
    readLastGood: async () => (lastGoodDir === undefined ? null : readBack(lastGoodDir)),
    readJournal: store.readJournal,
    writeJournal: store.writeJournal,
    retriesJournal: !once,
    observer,
    clock,
    random,
    newId,
    ...(onBoundary === undefined ? {} : { onBoundary }),
  };
}

/** What `expand` puts into a file may be a secret, whatever volume the file comes from. */
function isSealed({ volumes, expand }: BundleSettings): boolean {
  return expand !== undefined || volumes.some(({ secret }) => secret);
}

const NOTHING_THERE: ReadonlySet<ErrorCode> = new Set(['LG_CAPTURE_MISSING', 'LG_CAPTURE_EMPTY']);

/** What stands in a directory of lastgood's own. */
async function readDirectory(
  dir: string,
  options: Parameters<typeof captureDirectory>[1],
  log: Logger,
): Promise<Found> {
  const captured = await captureDirectory(dir, options);
  if (captured.ok) return captured.snapshot;
  const unreadable = captured.findings.filter(({ code }) => !NOTHING_THERE.has(code));
  for (const finding of unreadable) logProblem(log, finding);
  return unreadable.length === 0 ? null : 'unreadable';
}

/** Of a swap nothing has been read that could be checked, and the code for it is not loaded. */
async function createBundleValidator(
  options: BundleOptions,
  stagingDir: string,
): Promise<Ports['validate']> {
  const { settings, clock, metrics, compact } = options;
  const { name, reloadOn } = settings;
  if (reloadOn === 'swap')
    return async () => ({ accepted: true, findings: [], meansTheSame: false, mayPass: false });
  const { createValidator } = await import('../steps/validate/validator.ts');
  return createValidator(settings.validate, {
    reloadOn,
    runCommand: await createCommandRunner(options, stagingDir),
    wallMs: clock.wallMs,
    makeRoom: compact,
    onChecked: (kind, ms) => metrics.checkTook(name, kind, ms / 1000),
  });
}

/** Commands need some code that most bundles do not, and what a killed sidecar left is ended first. */
async function createCommandRunner(
  { settings: { name: bundle, validate }, clock }: BundleOptions,
  stagingDir: string,
): Promise<RunCommand | undefined> {
  if (!validate.some((check) => 'exec' in check)) return undefined;
  const { runCheckCommand, sweepStages } = await import('../checks/command/check-command.ts');
  await sweepStages(stagingDir);
  return (snapshot, exec, signal) =>
    runCheckCommand(snapshot, exec, { stagingDir, bundle, clock, ...(signal && { signal }) });
}
