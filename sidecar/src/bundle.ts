import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { captureDirectory, createCapture } from './capture/capture.ts';
import { createSwapCapture } from './capture/swaps.ts';
import type { Clock } from './clock.ts';
import { openStore } from './commit/store.ts';
import { createConfirm } from './confirm/confirm.ts';
import { compares, createProbes } from './confirm/probes.ts';
import type { Target } from './deliver/target.ts';
import { createTargets, kindOf, retriesOf } from './deliver/targets.ts';
import type { Follower } from './drop-in/drop-in.ts';
import { type ErrorCode, findingFrom } from './errors.ts';
import type { Env } from './expand/expand.ts';
import type { HttpClient } from './http/request.ts';
import { late } from './observe/late.ts';
import { logEnd, logStep, logTrouble } from './observe/log.ts';
import { Record } from './observe/record.ts';
import { Pipeline } from './pipeline.ts';
import { expanding, openPlace } from './place.ts';
import type { Observer, Ports } from './ports.ts';
import { createPrepare } from './prepare/prepare.ts';
import { preparePublished } from './publish/prepare.ts';
import { publish } from './publish/publish.ts';
import type { Plan, State } from './rollout/state.ts';
import type { Metrics } from './serve/metrics.ts';
import type { BundleStatus } from './serve/status.ts';
import type { BundleSettings } from './settings/settings.ts';
import { type Found, isSnapshot } from './snapshot.ts';
import { watchVolumes } from './source/source.ts';
import type { RunCommand } from './validate/validate.ts';
import { type Finding, formatFinding } from './verdict.ts';

export interface BundleOptions {
  readonly settings: BundleSettings;
  /** Undefined: nothing outlives the process. */
  readonly stateDir: string | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly client: HttpClient;
  /** Keeps the metrics of a reloader that is replaced. */
  readonly follower: Follower | undefined;
  /** A rollout has ended. */
  readonly onEnd: () => void;
  /** Publish and end: no target is told, and no proof is awaited. */
  readonly once: boolean;
  /** What `expand` puts into a file. */
  readonly env: Env;
  /** Gives back what memory it can. */
  readonly compact: () => void;
  /** Of the pipeline's ports: a test holds or kills the process there. */
  readonly hold?: Ports['hold'];
}

export interface RunningBundle {
  readonly name: string;
  status(): BundleStatus;
  /**
   * Resolves when the newest content has been accepted or rejected and nothing is under way, or
   * when nothing can go on: then with what is in the way.
   */
  settled(): Promise<readonly Finding[]>;
  /** Finishes the step in hand. */
  stop(): Promise<void>;
  /** What ends from now on is not noted: `stop` has taken too long. */
  abandon(): void;
}

/** Wires one bundle: its steps to the pipeline, its volumes to the source, and starts it. */
export async function startBundle(options: BundleOptions): Promise<RunningBundle> {
  const { settings, clock, log, metrics, once } = options;
  const plan: Plan = {
    publishes: (settings.publish ?? settings.expand) !== undefined,
    targets: once ? [] : settings.targets.map(retriesOf),
    confirms: !once && settings.confirm !== undefined,
    compares: settings.confirm !== undefined && compares(settings.confirm),
    tellsAtStart: settings.tellAtStart,
    onFailure: settings.onFailure,
  };
  const record = new Record(settings.name, plan, clock);
  const settled = Promise.withResolvers<readonly Finding[]>();
  const observer = late(observerOf(options, record, settled.resolve));
  const ports = await portsOf(options, observer);
  metrics.declareBundle(settings.name, ports.targets.map(labelOf));
  if (settings.publish !== undefined) {
    await preparePublished(settings.publish);
    await rm(join(settings.publish, DRY_RUN_DIR), { recursive: true, force: true });
  }
  const pipeline = new Pipeline(settings, plan, ports);
  const source = watchVolumes({
    paths: settings.volumes.map(({ path }) => path),
    settleMs: settings.settleMs,
    clock,
    onLook: () => void pipeline.look(),
    onTrouble: (finding) => {
      metrics.watchRestarted(settings.name);
      options.follower?.watchRestarted(settings.name);
      logTrouble(log, finding);
    },
    onRestored: (path) => log.info({ path }, `watching ${path} works again; it is polled no more`),
    onWarning: (finding) =>
      log.warn({ code: finding.code, hint: finding.hint }, formatFinding(finding)),
  });
  const stop = async () => {
    await source.close();
    await pipeline.stop();
    observer.flush();
  };
  try {
    await pipeline.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: settings.name,
    status: () => {
      observer.flush();
      return staleIsNotReady(record.status(pipeline.state), record.heldMs, settings);
    },
    settled: () => settled.promise,
    stop,
    abandon: () => pipeline.abandon(),
  };
}

/** The metrics' name of a target: its kind and place, never its URL. */
function labelOf({ kind }: Pick<Target, 'kind'>, index: number): string {
  return `${kind}-${index}`;
}

/** What `expand` puts into a file may be a secret, whatever volume the file comes from. */
function isSealed({ volumes, expand }: BundleSettings): boolean {
  return expand !== undefined || volumes.some(({ secret }) => secret);
}

async function portsOf(options: BundleOptions, observer: Observer): Promise<Ports> {
  const { settings, stateDir, clock, random, newId, log, client } = options;
  const { once, hold } = options;
  const { maxSizeBytes, confirm, mountedAt, volumes } = settings;
  const store = await openStore(stateDir, settings.name, (reason) =>
    log.warn({ reason }, `the journal is of no use and is begun anew: ${reason}`),
  );
  // Of a swap nothing is read that could be put back; what was kept before is of other settings.
  const lastGoodDir = settings.reloadOn === 'swap' ? undefined : store.lastGoodDir;
  // Commands run in this container, where the directory may stand elsewhere than in the app's.
  const seen = {
    client,
    clock,
    sealed: isSealed(settings),
    dir: settings.publish ?? volumes[0]?.path ?? mountedAt,
    memoryPath: store.memoryPath,
    restarts: settings.targets.some((target) => 'restart' in target),
  };
  const probe = once || confirm === undefined ? undefined : await createProbes(confirm, seen);
  const key = isSealed(settings) ? { versionKey: store.versionKey } : {};
  const readBack = async (dir: string): Promise<Found> => {
    const captured = await captureDirectory(dir, { clock, ...key });
    if (captured.ok) return captured.snapshot;
    const unreadable = captured.findings.filter(({ code }) => !NOTHING_THERE.has(code));
    for (const finding of unreadable) logTrouble(log, finding);
    return unreadable.length === 0 ? null : 'unreadable';
  };
  const capture =
    settings.reloadOn === 'swap'
      ? createSwapCapture(volumes, clock)
      : createCapture({ volumes, maxSizeBytes, clock, ...key });
  const place = await openPlace(options, store, readBack);
  return {
    capture: await expanding(capture, options, store),
    validate: await validatorOf(options, store.stagingDir),
    prepare: once || settings.prepare.length === 0 ? undefined : prepareOf(options),
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
    ...(hold === undefined ? {} : { hold }),
  };
}

/** Of a swap nothing has been read that could be checked, and the code for it is not loaded. */
async function validatorOf(options: BundleOptions, stagingDir: string): Promise<Ports['validate']> {
  const { settings, clock, metrics, compact } = options;
  const { name, reloadOn } = settings;
  if (reloadOn === 'swap')
    return async () => ({ accepted: true, findings: [], meansTheSame: false, mayPass: false });
  const { createValidator } = await import('./validate/validate.ts');
  return createValidator(settings.validate, {
    reloadOn,
    runCommand: await commandsOf(options, stagingDir),
    wallMs: clock.wallMs,
    makeRoom: compact,
    onChecked: (kind, ms) => metrics.checkTook(name, kind, ms / 1000),
  });
}

/** Commands need some code that most bundles do not, and what a killed sidecar left is ended first. */
async function commandsOf(
  { settings: { name: bundle, validate }, clock }: BundleOptions,
  stagingDir: string,
): Promise<RunCommand | undefined> {
  if (!validate.some((check) => 'exec' in check)) return undefined;
  const { runExec, sweepStages } = await import('./validate/exec/exec.ts');
  await sweepStages(stagingDir);
  return (snapshot, exec, signal) =>
    runExec(snapshot, exec, { stagingDir, bundle, clock, ...(signal && { signal }) });
}

/** Two dots: apps and the layout of the published directory pass over it. */
const DRY_RUN_DIR = '..dry-run';

/** Asks for dry runs, each on a copy beside what is published; in direct mode on the volume itself. */
function prepareOf(options: BundleOptions): NonNullable<Ports['prepare']> {
  const { settings, clock } = options;
  const { publish: published, mountedAt } = settings;
  const ask = createPrepare(settings.prepare, { ...options, sealed: isSealed(settings) });
  if (published === undefined)
    return ({ event }, signal) => ask({ ...event, dir: mountedAt }, signal);
  const dir = join(published, DRY_RUN_DIR);
  return async ({ snapshot, event }, signal) => {
    try {
      await preparePublished(dir);
      await publish(snapshot, { dir, history: 0, clock });
      return await ask({ ...event, dir: join(mountedAt, DRY_RUN_DIR) }, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      return { answer: 'fault', findings: [findingFrom(error)] };
    } finally {
      await rm(dir, { recursive: true, force: true }).catch(() => {});
    }
  };
}

const NOTHING_THERE: ReadonlySet<ErrorCode> = new Set(['LG_CAPTURE_MISSING', 'LG_CAPTURE_EMPTY']);

function observerOf(
  { settings, clock, log, metrics, follower, onEnd }: BundleOptions,
  record: Record,
  onSettled: (findings: readonly Finding[]) => void,
): Observer {
  const { name } = settings;
  const labels = settings.targets.map((target, index) => labelOf({ kind: kindOf(target) }, index));
  const show = (state: State) => {
    record.changed(state);
    const { health, ready } = record.status(state);
    metrics.healthIs(name, { ready, degraded: health.state === 'degraded' });
  };
  return {
    step: (report) => {
      record.step(report);
      metrics.stepTook(name, report.step, report.durationMs / 1000);
      if (report.snapshot !== undefined) metrics.captured(name, report.snapshot);
      if (report.attempt !== undefined && report.attempt > 1)
        metrics.deliveryRetried(name, labels[report.targetIndex ?? 0] ?? '');
      follower?.step(name, report);
      logStep(log, report);
    },
    finished: (end, state, snapshot) => {
      record.finished(end);
      metrics.rolloutEnded(name, end.outcome);
      follower?.finished(name, end);
      if (end.outcome === 'committed' && end.version !== null && snapshot !== undefined)
        metrics.committed(name, end.version, (clock.wallMs() - snapshot.writtenAtMs) / 1000);
      logEnd(log, end, state);
      onEnd();
    },
    changed: (state) => {
      show(state);
      metrics.activeIs(name, state.active);
      if (isSettled(state)) onSettled([]);
    },
    blocked: (finding, state) => {
      record.blocked(finding);
      show(state);
    },
    trouble: (finding) => {
      logTrouble(log, finding);
      onSettled([finding]);
    },
  };
}

/** Nothing more will come of what the volume holds now, unless it changes or is tried again. */
function isSettled({ checking, desired, rejected, phase }: State): boolean {
  if (checking !== null) return false;
  if (phase.name === 'starting') return rejected !== null;
  return phase.name === 'retrying' || (phase.name === 'steady' && (desired ?? rejected) !== null);
}

/** `staleAfter`: a bundle that has been degraded for so long is no longer ready. */
function staleIsNotReady(
  status: BundleStatus,
  degradedMs: number,
  { staleAfterMs }: BundleSettings,
): BundleStatus {
  if (staleAfterMs === undefined || status.health.state !== 'degraded') return status;
  return degradedMs < staleAfterMs ? status : { ...status, ready: false };
}
