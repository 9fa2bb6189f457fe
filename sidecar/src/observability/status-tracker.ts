import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { healthOf, isReady } from '../rollout/health.ts';
import {
  type Finish,
  type Rejection,
  type RolloutConfig,
  rolloutOf,
  type State,
} from '../rollout/state.ts';
import type { StepReport, WaitingReport } from '../runner/ports.ts';
import {
  type BundleStatus,
  type HealthStatus,
  MAX_RECENT,
  type Rejected,
  type RolloutStatus,
} from './status.ts';

/** Number of steps to show of one rollout; of a delivery retried for hours, the newest ones. */
const MAX_STEPS = 50;

/** Keeps what `/status` shows beside the state: times, and the rollouts before. */
export class StatusTracker {
  readonly #bundle: string;
  readonly #config: RolloutConfig;
  readonly #clock: Clock;
  readonly #open = new Map<string, RolloutStatus>();
  #recent: readonly RolloutStatus[] = [];
  #health: HealthStatus;
  /** Monotonic. */
  #healthSinceMs: number;
  #blocked: Finding | null = null;
  #waiting: WaitingReport | null = null;
  #rejectedAt = '';
  #rejected: State['rejected'] = null;

  constructor(bundle: string, config: RolloutConfig, clock: Clock) {
    this.#bundle = bundle;
    this.#config = config;
    this.#clock = clock;
    this.#health = { state: 'not-ready', since: this.#now(), findings: [] };
    this.#healthSinceMs = clock.nowMs();
  }

  step(report: StepReport): void {
    const { rollout, version, step, result, durationMs, findings, attempt, isRollback } = report;
    const startedAt = iso(this.#clock.wallMs() - durationMs);
    const before: RolloutStatus = this.#open.get(rollout) ?? {
      id: rollout,
      version,
      reason: 'changed',
      startedAt,
      outcome: null,
      steps: [],
    };
    const warnings = findings.filter(({ severity }) => severity === 'warning');
    const done = {
      step,
      startedAt,
      durationMs,
      ...(attempt === undefined ? {} : { attempt }),
      result: isRollback ? `${result} (back)` : result,
      ...(warnings.length === 0 ? {} : { warnings }),
    };
    this.#open.set(rollout, { ...before, steps: [...before.steps, done].slice(-MAX_STEPS) });
  }

  /** Why a probation takes long; shown until its phase is over. */
  waiting(report: WaitingReport): void {
    this.#waiting = report;
  }

  finished({ rollout, outcome }: Finish): void {
    const status = this.#open.get(rollout);
    this.#open.delete(rollout);
    if (status === undefined) return;
    this.#recent = [{ ...status, outcome }, ...this.#recent].slice(0, MAX_RECENT);
  }

  changed(state: State): void {
    const health = healthOf(state, this.#config, this.#blocked);
    const isSame = health.state === this.#health.state;
    this.#health = { ...health, since: isSame ? this.#health.since : this.#now() };
    if (!isSame) this.#healthSinceMs = this.#clock.nowMs();
    if (state.rejected !== this.#rejected) this.#rejectedAt = this.#now();
    this.#rejected = state.rejected;
  }

  /** Why the bundle is at a standstill, or null. Takes effect with the next `changed`. */
  blocked(finding: Finding | null): void {
    this.#blocked = finding;
  }

  /** How long the bundle has had its present state of health, by the monotonic clock. */
  get heldMs(): number {
    return this.#clock.nowMs() - this.#healthSinceMs;
  }

  status(state: State): BundleStatus {
    const { phase, desired, active, lastGood, published, rejected } = state;
    const waiting = this.#waiting?.generation === state.generation ? this.#waiting.finding : null;
    const current = rolloutOf(state);
    const health = this.#health;
    return {
      bundle: this.#bundle,
      mode: this.#config.publishes ? 'published' : 'direct',
      health: waiting ? { ...health, findings: [...health.findings, waiting] } : health,
      ready: isReady(state, this.#config),
      phase: phase.name,
      desired,
      active,
      lastGood,
      published,
      rejected: rejected && this.#formatRejected(rejected),
      rollout: (current && this.#open.get(current.rollout)) ?? null,
      recent: this.#recent,
    };
  }

  #formatRejected({ version, step, findings }: Rejection): Rejected {
    return { version, step, at: this.#rejectedAt, findings };
  }

  #now(): string {
    return iso(this.#clock.wallMs());
  }
}

function iso(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
