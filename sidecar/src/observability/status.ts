import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import type { Finish } from '../rollout/events.ts';
import { type Health, healthOf, isReady } from '../rollout/health.ts';
import type { Outcome } from '../rollout/outcome.ts';
import { type Rejection, type RolloutConfig, rolloutOf, type State } from '../rollout/state.ts';
import type { StepReport, WaitingReport } from '../runner/ports.ts';
import type { SubscribersStatus } from '../subscribers/subscribers-status.ts';
import { roundMs } from './round-ms.ts';

/** The content of `/status`. Nothing here may hold a secret's value (P8). */
export interface Status {
  /** Version of the program. */
  readonly lastgood: string;
  /** Whether every bundle is ready. */
  readonly ready: boolean;
  readonly bundles: readonly BundleStatus[];
}

/**
 * One bundle. *Desired*, *active*, *last good* and *rejected* are separate: the version in the volume
 * need not be the one that the app runs on.
 */
export interface BundleStatus {
  readonly bundle: string;
  /** `socket`: the app gets its files over the socket alone. */
  readonly mode: 'published' | 'direct' | 'socket';
  readonly health: HealthStatus;
  readonly ready: boolean;
  /** Of the rollout's state machine; while that is steady, `checking` or `preparing` a newer version. */
  readonly phase: string;
  /** The version in the volumes. */
  readonly desired: Version | null;
  /** The version that the app was notified of and has confirmed. */
  readonly active: Version | null;
  /** The version that a rollback restores. */
  readonly lastGood: Version | null;
  /** The version in the published directory. */
  readonly published: Version | null;
  readonly rejected: Rejected | null;
  /** The rollout under way. */
  readonly rollout: RolloutStatus | null;
  /** The processes that subscribe over the socket; absent if no target says that there are any. */
  readonly subscribers?: SubscribersStatus;
  /** Ended rollouts, newest first, at most {@link MAX_RECENT}. */
  readonly recent: readonly RolloutStatus[];
}

/** What `phase` adds to the phases of the state machine. */
export const CHECK_PHASES = ['checking', 'preparing'] as const;

/** Number of ended rollouts to show. */
const MAX_RECENT = 20;

/** Number of steps to show of one rollout; of a delivery retried for hours, the newest ones. */
const MAX_STEPS = 50;

/** Degraded: it runs on the last good version, as a newer one was rejected or is not delivered. */
interface HealthStatus extends Health {
  /** ISO 8601, UTC. */
  readonly since: string;
}

interface Rejected extends Omit<Rejection, 'rollout'> {
  /** ISO 8601, UTC. */
  readonly at: string;
}

interface RolloutStatus {
  /** A ULID. */
  readonly id: string;
  readonly version: Version | null;
  readonly reason: ReloadReason;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Null while it is under way. */
  readonly outcome: Outcome | null;
  readonly steps: readonly StepStatus[];
}

interface StepStatus {
  readonly step: Step;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Null while it is under way. */
  readonly durationMs: number | null;
  /** From 1; for deliveries. */
  readonly attempt?: number;
  readonly result: string;
  /** Warnings with which the version was accepted. */
  readonly warnings?: readonly Finding[];
}

/** Keeps what `/status` shows of one bundle. */
export type StatusTracker = ReturnType<typeof createStatusTracker>;

/** Keeps what `/status` shows beside the state of a bundle: times, and the rollouts before. */
export function createStatusTracker(bundle: string, config: RolloutConfig, clock: Clock) {
  const now = () => iso(clock.wallMs());
  const open = new Map<string, RolloutStatus>();
  let recent: readonly RolloutStatus[] = [];
  let health: HealthStatus = { state: 'not-ready', since: now(), findings: [] };
  /** Monotonic. */
  let healthSinceMs = clock.nowMs();
  let blocked: Finding | null = null;
  let waiting: WaitingReport | null = null;
  let rejected: Rejection | null = null;
  let rejectedAt = '';
  return {
    step(report: StepReport) {
      const { rollout: id, version } = report;
      const done = stepOf(report, clock);
      const { startedAt } = done;
      const before: RolloutStatus = open.get(id) ?? {
        id,
        version,
        reason: 'changed',
        startedAt,
        outcome: null,
        steps: [],
      };
      open.set(id, { ...before, steps: [...before.steps, done].slice(-MAX_STEPS) });
    },
    /** Why a probation takes long; shown until its phase is over. */
    waiting(report: WaitingReport) {
      waiting = report;
    },
    finished({ rollout, outcome }: Finish) {
      const status = open.get(rollout);
      open.delete(rollout);
      if (status !== undefined) recent = [{ ...status, outcome }, ...recent].slice(0, MAX_RECENT);
    },
    changed(state: State) {
      const next = healthOf(state, config, blocked);
      const isSame = next.state === health.state;
      const heldMs = isSame ? 0 : heldBefore(next, state, clock);
      health = { ...next, since: isSame ? health.since : iso(clock.wallMs() - heldMs) };
      if (!isSame) healthSinceMs = clock.nowMs() - heldMs;
      if (state.rejected !== rejected) rejectedAt = now();
      rejected = state.rejected;
    },
    /** Why the bundle is at a standstill, or null. Takes effect with the next `changed`. */
    blocked(finding: Finding | null) {
      blocked = finding;
    },
    /** How long the bundle has had its present state of health, by the monotonic clock. */
    heldMs: () => clock.nowMs() - healthSinceMs,
    status(state: State): BundleStatus {
      const { phase, checking, desired, active, lastGood, published } = state;
      const pending = waiting?.generation === state.generation ? waiting.finding : null;
      const current = rolloutOf(state) ?? checking;
      const rollout = (current && open.get(current.rollout)) ?? null;
      return {
        bundle,
        mode: config.publishes ? 'published' : 'direct',
        health: pending ? { ...health, findings: [...health.findings, pending] } : health,
        ready: isReady(state, config),
        phase: phase.name === 'steady' && checking !== null ? checkPhaseOf(rollout) : phase.name,
        desired,
        active,
        lastGood,
        published,
        rejected: state.rejected && rejectedOf(state.rejected, rejectedAt),
        rollout,
        recent,
      };
    },
  };
}

/** Once its checks have ended, a newer version waits for the answers of the apps alone. */
function checkPhaseOf(checked: RolloutStatus | null): (typeof CHECK_PHASES)[number] {
  return checked?.steps.at(-1)?.step === 'validate' ? 'preparing' : 'checking';
}

/** How long a bundle was degraded before this process started. */
function heldBefore({ state }: Health, { degradedSinceMs }: State, clock: Clock): number {
  if (state !== 'degraded') return 0;
  const wallMs = clock.wallMs();
  return Math.max(0, wallMs - (degradedSinceMs ?? wallMs));
}

function stepOf(report: StepReport, clock: Clock): StepStatus {
  const { step, result, durationMs, findings, attempt, isRollback } = report;
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  return {
    step,
    startedAt: iso(clock.wallMs() - durationMs),
    durationMs: roundMs(durationMs),
    ...(attempt === undefined ? {} : { attempt }),
    result: isRollback ? `${result} (back)` : result,
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function rejectedOf({ version, step, findings }: Rejection, at: string): Rejected {
  return { version, step, at, findings };
}

function iso(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
