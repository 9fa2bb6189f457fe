import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { createIdleTimer } from '@lastgood/core/source/idle-timer.ts';
import { type Logger, pino } from 'pino';
import { monotonicFactory } from 'ulid';
import type { CompatRequest } from '../compat/reloader-compat.ts';
import { createHttpClient } from '../io/http/request.ts';
import { inFormat, logProblem, standardOutput } from '../observability/log.ts';
import { createMetrics } from '../observability/metrics.ts';
import type { Sources } from '../observability/server/pages.ts';
import { type Serving, serve } from '../observability/server/server.ts';
import type { Status } from '../observability/status.ts';
import type { Settings } from '../settings/settings.ts';
import type { Env } from '../steps/expand/expand.ts';
import { type BundleOptions, type RunningBundle, startBundle } from './bundle.ts';

/**
 * So long after the last rollout the memory that it took is given back. Not sooner: with it goes the
 * code that V8 has optimized, and the next change of somebody who is trying things out takes 10 ms more.
 */
const IDLE_MS = 10_000;

/** Kubernetes gives 30 s by default; what is not done by then is taken up again from the journal. */
const STOP_WITHIN_MS = 20_000;

export interface RunOptions {
  readonly settings: Settings;
  /** Version of the program. */
  readonly program: string;
  readonly once: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  /** What `expand` puts into a file. */
  readonly env: Env;
  /** Ends the run. */
  readonly stop: AbortSignal;
  /** Gives memory back to the node; called when nothing has happened for a while, or much is needed. */
  readonly compact: () => void;
  /** The reloader whose command line it was started by: its metrics, and where they are served. */
  readonly dropIn?:
    | Pick<CompatRequest, 'createMetricsAdapter' | 'metricsPath' | 'health'>
    | undefined;
  /** A test holds or kills the process at the boundaries of the steps. */
  readonly onBoundary?: BundleOptions['onBoundary'];
}

/** How a run ended. */
export interface RunEnd {
  /** Never, where it was asked to stop: that is no failure. */
  readonly failed: boolean;
  /** Why what the volumes hold was not published; of bundles that were not ready at the end. */
  readonly findings: readonly Finding[];
}

/**
 * Runs every bundle until `stop`, or with `once` until each has been decided. Rejects with a
 * `LastgoodError` when it cannot start at all.
 */
export async function run(options: RunOptions): Promise<RunEnd> {
  const { settings, program, once, clock, stop, dropIn } = options;
  const log = createLog(settings);
  const metrics = createMetrics(program);
  const metricsAdapter = await dropIn?.createMetricsAdapter(metrics.registry);
  const client = createHttpClient();
  const bundles: RunningBundle[] = [];
  const status = (): Status => {
    const shown = bundles.map((bundle) => bundle.status());
    const ready = shown.length === settings.bundles.length && shown.every((each) => each.ready);
    return { lastgood: program, ready, bundles: shown };
  };
  let serving: Serving | undefined;
  const ended = new AbortController();
  try {
    const { metricsPath, health } = dropIn ?? {};
    const sources = { status, metrics, metricsPath, health };
    serving = once ? undefined : await startServer(settings, sources, log);
    const { signal } = ended;
    const onIdle = { idleMs: IDLE_MS, clock, signal, onIdle: options.compact };
    const { touch } = createIdleTimer(onIdle);
    // Side by side: a volume that hangs, or a journal that is full, holds no other bundle back.
    const starting = bundleOptions(options, {
      log,
      metrics,
      client,
      metricsAdapter,
      onEnd: touch,
    }).map(async (bundle) => bundles.push(await startBundle(bundle)));
    await Promise.race([aborted(stop), Promise.all(starting)]);
    touch();
    const settling = bundles.map((bundle) => bundle.settled());
    const troubles = await Promise.race([aborted(stop), once ? Promise.all(settling) : never]);
    if (stop.aborted) log.info({ signal: String(stop.reason) }, 'stopping');
    return endOf(status(), once, troubles ?? []);
  } finally {
    // A wait that is left would hold the process until `main.ts` loses its patience.
    ended.abort();
    await within(STOP_WITHIN_MS, clock, Promise.all(bundles.map((bundle) => bundle.stop())));
    for (const bundle of bundles) bundle.abandon();
    await serving?.close();
    client.close();
  }
}

function createLog({ log: { level, format } }: Settings): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, inFormat(format, standardOutput()));
}

async function startServer(
  { listen, webConfigFile }: Settings,
  sources: Sources,
  log: Logger,
): Promise<Serving | undefined> {
  if (listen === undefined) return undefined;
  const onTrouble = (finding: Finding) => logProblem(log, finding);
  const guard =
    webConfigFile === undefined
      ? undefined
      : (await import('../observability/server/web-guard.ts')).createWebGuard(
          webConfigFile,
          onTrouble,
        );
  const serving = await serve({ ...sources, listen, guard });
  const { address } = serving;
  const program = sources.status().lastgood;
  log.info({ address, program }, `lastgood ${program} serves ${address}`);
  return serving;
}

function bundleOptions(
  { settings, once, clock, random, env, compact, onBoundary }: RunOptions,
  shared: Pick<BundleOptions, 'log' | 'metrics' | 'client' | 'metricsAdapter' | 'onEnd'>,
): BundleOptions[] {
  const ulid = monotonicFactory(random);
  return settings.bundles.map((bundle) => ({
    settings: bundle,
    stateDir: settings.stateDir,
    clock,
    random,
    newId: () => ulid(clock.wallMs()),
    ...shared,
    log: shared.log.child({ bundle: bundle.name }),
    once,
    env,
    compact,
    ...(onBoundary === undefined ? {} : { onBoundary }),
  }));
}

function endOf(
  { bundles }: Status,
  once: boolean,
  troubles: readonly (readonly Finding[])[],
): RunEnd {
  const unfinished = bundles.filter(({ ready, active, desired }) =>
    once ? active === null || active !== desired : !ready,
  );
  const findings = unfinished.flatMap(
    ({ health, rejected }) => rejected?.findings ?? health.findings,
  );
  const failed = once && (unfinished.length > 0 || bundles.length === 0);
  return { failed, findings: failed && findings.length === 0 ? troubles.flat() : findings };
}

const never = new Promise<undefined>(() => {});

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
}

/** Waits for the work, but not longer. */
async function within(ms: number, clock: Clock, work: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  await Promise.race([work, clock.sleep(ms, late.signal).catch(() => {})]);
  late.abort();
}
