import { type Captured, captureDirectory, createCapture } from '@lastgood/core/capture/capture.ts';
import { createSwapCapture } from '@lastgood/core/capture/swap-capture.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { CANCELLED } from '@lastgood/core/model/retry-wait.ts';
import { type Found, isSnapshot, type Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { Logger } from 'pino';
import type { HttpClient } from '../io/http/request.ts';
import { logProblem } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Observer, Ports } from '../runner/ports.ts';
import { isSealed } from '../settings/bundle.ts';
import type { BundleSettings } from '../settings/settings.ts';
import { openStore, type Store } from '../steps/commit/state-store.ts';
import { createConfirm } from '../steps/confirm/confirm.ts';
import { createProbes } from '../steps/confirm/probes.ts';
import { createTargets } from '../steps/deliver/targets.ts';
import type { Env } from '../steps/expand/expand.ts';
import { joinPrepares } from '../steps/prepare/join-prepares.ts';
import { createDryRun } from '../steps/prepare/prepare.ts';
import { preparePublished, publish } from '../steps/publish/publish.ts';
import type { RunCommand, ValidatorOptions } from '../steps/validate/validator.ts';
import type { Hub } from '../subscribers/hub.ts';
import { openDestination, publishPrivately } from './destination.ts';
import type { KnownSecrets } from './known-secrets.ts';
import { scrubPorts } from './scrub-ports.ts';
import { explainTimeouts, findCounters, type ReadCounters } from './starvation.ts';

/** Not that of a volume: if lastgood cannot read its own directory, it starts without the last good version. */
const READ_BACK_MS = 60_000;

export interface WiringOptions {
  readonly settings: BundleSettings;
  /** Undefined: nothing outlives the process. */
  readonly stateDir: string | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'checkTook'>;
  readonly client: HttpClient;
  readonly secrets: KnownSecrets;
  /** The subscribers of the bundle, if it has such a target. */
  readonly hub?: Hub | undefined;
  /** Publish and end: notify no target, and wait for no proof. */
  readonly once: boolean;
  /** The variables for `expand`. */
  readonly env: Env;
  /** What the apps that subscribe take. */
  readonly subscriberSchemas?: ValidatorOptions['subscriberSchemas'] | undefined;
  /** Gives memory back to the system. */
  readonly compact: () => void;
  readonly onBoundary?: Ports['onBoundary'];
}

/** What several ports of a bundle share. */
interface Wiring extends WiringOptions {
  readonly store: Store;
  /** The bundle holds secrets (P8). */
  readonly sealed: boolean;
  /** Reads a directory that lastgood has written. */
  readonly readBack: (dir: string) => Promise<Found>;
  readonly readCounters: ReadCounters;
}

/** Connects the steps of a bundle. Rejects like `openStore` and `openDestination`. */
export async function createPorts(options: WiringOptions, observer: Observer): Promise<Ports> {
  const { settings, stateDir, clock, random, newId, log, once, onBoundary } = options;
  const store = await openStore(stateDir, settings.name, (reason) =>
    log.warn({ reason }, `cannot use the journal, so lastgood starts a new one: ${reason}`),
  );
  const sealed = isSealed(settings);
  const key = sealed ? { versionKey: store.versionKey } : {};
  const readCounters = findCounters(clock);
  const readBack = async (dir: string) => {
    const capture = () => captureDirectory(dir, { clock, timeoutMs: READ_BACK_MS, ...key });
    return foundIn(await explainTimeouts(capture, readCounters)(), log);
  };
  const wiring: Wiring = { ...options, store, sealed, readBack, readCounters };
  const ports: Ports = {
    capture: await createCapturePort(wiring, key),
    changedSinceStart: () => changedSinceStart(settings),
    validate: await createValidatePort(wiring),
    ...createSubscriberPorts(wiring),
    prepare: createPreparePort(wiring),
    ...(await openDestination(wiring)),
    ...(await createAppPorts(wiring)),
    ...createLastGoodPorts(wiring),
    readJournal: store.readJournal,
    writeJournal: store.writeJournal,
    retriesJournal: !once,
    observer,
    clock,
    random,
    newId,
    onBoundary,
  };
  return scrubPorts(settings, ports, options.secrets);
}

/** The settings that involve the app: `--once` ends before it does. */
export function appSettings({ settings, once }: Pick<WiringOptions, 'settings' | 'once'>) {
  const { prepare, targets, confirm } = settings;
  return once ? { prepare: [], targets: [], confirm: undefined } : { prepare, targets, confirm };
}

const NOTHING_THERE: ReadonlySet<ErrorCode> = new Set(['LG_CAPTURE_MISSING', 'LG_CAPTURE_EMPTY']);

function foundIn(captured: Captured, log: Logger): Found {
  if (captured.ok) return captured.snapshot;
  const unreadable = captured.findings.filter(({ code }) => !NOTHING_THERE.has(code));
  for (const finding of unreadable) logProblem(log, finding);
  return unreadable.length === 0 ? null : 'unreadable';
}

async function createCapturePort(
  { settings, store, clock, env, log, readCounters }: Wiring,
  key: { readonly versionKey?: Buffer },
): Promise<Ports['capture']> {
  const { volumes, maxSizeBytes, reloadOn, expand } = settings;
  const capture =
    reloadOn === 'swap'
      ? createSwapCapture(volumes, clock)
      : explainTimeouts(createCapture({ volumes, maxSizeBytes, clock, ...key }), readCounters);
  if (expand === undefined) return capture;
  // Loaded only if needed, as few bundles expand a file.
  const { captureExpanded } = await import('../steps/expand/expand-captured.ts');
  return captureExpanded(capture, {
    expand,
    env,
    maxSizeBytes,
    versionKey: store.versionKey,
    onProblem: (finding) => logProblem(log, finding),
  });
}

/** Loaded only for the first start of a bundle in direct mode. */
async function changedSinceStart({ volumes }: BundleSettings): Promise<boolean> {
  const { changedSince } = await import('@lastgood/core/capture/changed-since.ts');
  const { readEarliestStart } = await import('../io/process/process-start.ts');
  const startMs = await readEarliestStart();
  const changed = await Promise.all(volumes.map(({ path }) => changedSince(path, startMs)));
  return changed.includes(true);
}

/** With `reloadOn: swap` there is no content to check, so the code for it is not loaded. */
async function createValidatePort(wiring: Wiring): Promise<Ports['validate']> {
  const { settings, clock, metrics, compact, readCounters, subscriberSchemas } = wiring;
  const { name, reloadOn } = settings;
  if (reloadOn === 'swap')
    return async () => ({ accepted: true, findings: [], isEquivalent: false, mayPass: false });
  const { createValidator } = await import('../steps/validate/validator.ts');
  const validate = await createValidator(settings.validate, {
    reloadOn,
    runCommand: await createCommandRunner(wiring),
    wallMs: clock.wallMs,
    makeRoom: compact,
    ...(subscriberSchemas && { subscriberSchemas }),
    onSettingsWarning: (finding) => logProblem(wiring.log, finding),
    onChecked: (kind, ms) => metrics.checkTook(name, kind, ms / 1000),
  });
  return (...args) => explainTimeouts(() => validate(...args), readCounters)();
}

/** Loaded only for a bundle that checks with a command. Ends what a killed sidecar left running. */
async function createCommandRunner(wiring: Wiring): Promise<RunCommand | undefined> {
  const { name: bundle, validate } = wiring.settings;
  if (!validate.some((check) => 'exec' in check)) return undefined;
  const { clock, store } = wiring;
  const { stagingDir } = store;
  const { runCheckCommand } = await import('../checks/command/check-command.ts');
  const { sweepStagingDirectories } = await import('../checks/command/staging-directory.ts');
  await sweepStagingDirectories(stagingDir);
  return (snapshot, exec, signal) =>
    runCheckCommand(snapshot, exec, { stagingDir, bundle, clock, signal });
}

function createSubscriberPorts({ hub }: Wiring): Pick<Ports, 'onState' | 'awaitRestart'> {
  if (hub === undefined) return {};
  return {
    onState: (state) => hub.onState(state),
    awaitRestart: (request, signal) => hub.awaitRestart(request, signal),
  };
}

/** Asks the dry runs and the subscribers. */
function createPreparePort(wiring: Wiring): Ports['prepare'] {
  const { hub } = wiring;
  const dryRun = createDryRunPort(wiring);
  if (hub === undefined) return dryRun;
  const ask: Ports['prepare'] = ({ event }, signal) => hub.prepare(event, signal);
  return dryRun === undefined ? ask : joinPrepares([dryRun, ask]);
}

function createDryRunPort(wiring: Wiring): Ports['prepare'] {
  const { settings, client, clock, sealed } = wiring;
  if (appSettings(wiring).prepare.length === 0) return undefined;
  const publishCopy = async (snapshot: Snapshot, dir: string) => {
    await preparePublished(dir, true);
    await publish(snapshot, { dir, isOwn: true, history: 0, clock });
  };
  return createDryRun(settings, { client, clock, sealed, publishCopy });
}

/** The ports that involve the app: delivery and confirmation. */
async function createAppPorts(
  wiring: Wiring,
): Promise<Pick<Ports, 'targets' | 'beforeDelivery' | 'confirm'>> {
  const { settings, store, client, clock, sealed, hub } = wiring;
  const { restartJournalPath, baselinePath } = store;
  const { targets: targetSettings, confirm } = appSettings(wiring);
  // Commands run in this container, which may mount the directory elsewhere than the app's does.
  const dir = settings.publish ?? settings.volumes[0]?.path ?? settings.mountedAt;
  const shared = { client, clock, sealed, dir };
  const options = { ...shared, restartJournalPath, subscribers: hub };
  const targets = await createTargets(targetSettings, options);
  if (confirm === undefined)
    return { targets, confirm: async () => ({ accepted: true, findings: [] }) };
  const probe = await createProbes(confirm, {
    ...shared,
    restarts: targetSettings.some((target) => 'restart' in target),
    // After a restart of the sidecar, a new delivery takes a new baseline; without targets it is kept.
    baselinePath: targets.length === 0 ? baselinePath : undefined,
  });
  return {
    targets,
    beforeDelivery: probe.recordBaseline,
    confirm: unlessRefused(createConfirm({ ...confirm, probe, clock }), hub),
  };
}

/** A process that comes during the probation has its say too. */
function unlessRefused(confirm: Ports['confirm'], hub: Hub | undefined): Ports['confirm'] {
  if (hub === undefined) return confirm;
  return async (probation) => {
    const ended = new AbortController();
    const signal = AbortSignal.any([probation.signal, ended.signal]);
    const refused = hub.refusal(signal).then((refusal) => {
      if (refusal === undefined) return new Promise<never>(() => {});
      return { accepted: false, ...refusal } as const;
    });
    try {
      return await Promise.race([refused, confirm({ ...probation, signal })]);
    } finally {
      ended.abort(CANCELLED);
    }
  };
}

function createLastGoodPorts(wiring: Wiring): Pick<Ports, 'keep' | 'readLastGood'> {
  const { settings, store, clock, once, readBack } = wiring;
  const { lastGoodDir: dir } = store;
  // With `reloadOn: swap` there is no content to keep, and a copy on disk is from other settings.
  if (dir === undefined || settings.reloadOn === 'swap')
    return { keep: async () => {}, readLastGood: async () => null };
  // Without a proof, `--once` must not replace a snapshot that was proven.
  const keepsProven = once && settings.confirm !== undefined;
  return {
    keep: async (snapshot) => {
      if (keepsProven && isSnapshot(await readBack(dir))) return;
      await publishPrivately(snapshot, dir, clock);
    },
    readLastGood: () => readBack(dir),
  };
}
