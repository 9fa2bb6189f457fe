import { endsWithin } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { createIdleTimer } from '@lastgood/core/source/idle-timer.ts';
import type { Logger } from 'pino';
import { monotonicFactory } from 'ulid';
import type { CompatRequest } from '../compat/reloader-compat.ts';
import { createLazyHttpClient } from '../io/http/lazy-client.ts';
import { createLog, logProblem } from '../observability/log.ts';
import { createMetrics } from '../observability/metrics.ts';
import type { Sources } from '../observability/server/pages.ts';
import { type Serving, serve } from '../observability/server/server.ts';
import type { Status } from '../observability/status.ts';
import type { Settings } from '../settings/settings.ts';
import { type BundleOptions, type RunningBundle, startBundle } from './bundle.ts';
import { refuseLinkedOverlaps } from './check-links.ts';
import { type Hubs, openHubs } from './hubs.ts';
import { collectSecrets } from './known-secrets.ts';
import { checkLimits } from './limits.ts';

/**
 * When to give memory back after the last rollout. Not sooner: that also drops the code that V8 has
 * optimized, and then the next of several quick changes takes 10 ms more.
 */
const IDLE_MS = 10_000;

/** Kubernetes allows 30 s by default. After a restart, the journal says what is left to do. */
const STOP_WITHIN_MS = 20_000;

export interface RunOptions
  extends Pick<BundleOptions, 'once' | 'clock' | 'random' | 'env' | 'compact' | 'onBoundary'> {
  readonly settings: Settings;
  /** Version of the program. */
  readonly program: string;
  /** Ends the run. */
  readonly stop: AbortSignal;
  /** The reloader that lastgood replaces. */
  readonly dropIn?:
    | Pick<CompatRequest, 'createMetricsAdapter' | 'metricsPath' | 'health'>
    | undefined;
}

/** How a run ended. */
export interface RunEnd {
  /** False after a stop signal. */
  readonly failed: boolean;
  /** Why content was not published, of the bundles that were not ready at the end. */
  readonly findings: readonly Finding[];
}

/**
 * Runs every bundle until `stop`, or with `once` until the content of each is accepted or rejected.
 * Rejects with a `LastgoodError` if it cannot start.
 */
export async function run(options: RunOptions): Promise<RunEnd> {
  const { settings, program, once, clock, random, stop, dropIn, compact } = options;
  await refuseLinkedOverlaps(settings, clock);
  const log = createLog(settings.log);
  for (const finding of checkLimits()) logProblem(log, finding);
  const metrics = createMetrics(program);
  const metricsAdapter = await dropIn?.createMetricsAdapter(metrics.registry);
  const secrets = await collectSecrets(settings, options.env);
  const client = createLazyHttpClient({ onCredential: (value) => secrets.addCredential(value) });
  const bundles: RunningBundle[] = [];
  const status = (): Status => {
    const shown = bundles.map((bundle) => bundle.status());
    const ready = shown.length === settings.bundles.length && shown.every((each) => each.ready);
    return { lastgood: program, ready, bundles: shown };
  };
  let serving: Serving | undefined;
  let hubs: Hubs | undefined;
  const ended = new AbortController();
  try {
    const { metricsPath, health } = dropIn ?? {};
    const sources = { status, metrics, metricsPath, health };
    serving = once ? undefined : await startServer(settings, sources, log);
    const { signal } = ended;
    const { touch } = createIdleTimer({ idleMs: IDLE_MS, clock, signal, onIdle: compact });
    const ulid = monotonicFactory(random);
    const newId = () => ulid(clock.wallMs());
    const { stateDir } = settings;
    hubs = once ? undefined : await openHubs({ ...options, newId, metrics, log, secrets });
    const shared = {
      ...options,
      stateDir,
      newId,
      metrics,
      metricsAdapter,
      client,
      secrets,
      onEnd: touch,
    };
    // In parallel: a volume that hangs, or a full disk, delays no other bundle.
    const starting = settings.bundles.map(async (bundle) => {
      const bundleLog = log.child({ bundle: bundle.name });
      const hub = hubs?.hubOf(bundle.name);
      const subscriberSchemas = hubs?.schemasOf(bundle.name);
      const own = { settings: bundle, hub, subscriberSchemas, log: bundleLog };
      bundles.push(await startBundle({ ...shared, ...own }));
    });
    const stopped = new Promise<undefined>((resolve) => {
      if (stop.aborted) resolve(undefined);
      stop.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    await Promise.race([stopped, Promise.all(starting)]);
    touch();
    const settling = bundles.map((bundle) => bundle.settled);
    // The pod waits for the first rollouts, and a person for the next ones.
    if (!once && usesHttp(settings)) void Promise.all(settling).then(() => client.load());
    const findings = await (once ? Promise.race([stopped, Promise.all(settling)]) : stopped);
    if (stop.aborted) log.info({ signal: String(stop.reason) }, 'stopping');
    const { failed, findings: found } = endOf(status(), once, findings?.flat() ?? []);
    const early = stop.aborted ? stoppedEarly(settings, status()) : [];
    return { failed, findings: [...found, ...early] };
  } finally {
    // A timer that is left would delay the end of the process.
    ended.abort();
    const stopping = Promise.all(bundles.map((bundle) => bundle.stop()));
    await endsWithin(stopping, STOP_WITHIN_MS, clock);
    for (const bundle of bundles) bundle.abandon();
    await hubs?.close();
    await serving?.close();
    client.close();
  }
}

async function startServer(
  { listen, webConfigFile }: Settings,
  sources: Sources,
  log: Logger,
): Promise<Serving | undefined> {
  if (listen === undefined) return undefined;
  const loadGuard = async (file: string) => {
    const { createWebGuard } = await import('../observability/server/web-guard.ts');
    return createWebGuard(file, (finding) => logProblem(log, finding));
  };
  const guard = webConfigFile === undefined ? undefined : await loadGuard(webConfigFile);
  const serving = await serve({ ...sources, listen, guard });
  const { address } = serving;
  const program = sources.status().lastgood;
  log.info({ address, program }, `lastgood ${program} serves ${address}`);
  return serving;
}

function usesHttp({ bundles }: Settings): boolean {
  return bundles.some(({ targets }) => targets.some((target) => 'webhook' in target));
}

/** Of a stop before a first version was checked, or the container would end without a reason. */
function stoppedEarly(settings: Settings, { bundles }: Status): readonly Finding[] {
  const checked = bundles.filter(
    ({ ready, rejected, health }) => ready || rejected !== null || health.findings.length > 0,
  );
  return settings.bundles
    .filter(({ name }) => !checked.some(({ bundle }) => bundle === name))
    .map(({ name }) => findingOf('LG_CAPTURE_STOPPED', [name]));
}

/** `blocking`: findings of bundles that could not even start a rollout. */
function endOf({ bundles }: Status, once: boolean, blocking: readonly Finding[]): RunEnd {
  // Today's checks may reject the version that an earlier run has published.
  const unfinished = bundles.filter(({ ready, active, desired, rejected }) =>
    once ? rejected !== null || active === null || active !== desired : !ready,
  );
  const findings = unfinished.flatMap(
    ({ health, rejected }) => rejected?.findings ?? health.findings,
  );
  const failed = once && (unfinished.length > 0 || bundles.length === 0);
  return { failed, findings: failed && findings.length === 0 ? blocking : findings };
}
