import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { healthOf, isReady } from '../rollout/health.ts';
import { type Effect, type RolloutConfig, rolloutOf, type State } from '../rollout/state.ts';
import type { StepReport, WaitingReport } from '../runner/ports.ts';
import type { BundleStatus, Health, RolloutStatus, StepStatus } from './status.ts';
import { MAX_RECENT } from './status.ts';

/** Steps that one rollout shows; a delivery that is retried for hours keeps its newest ones. */
const MAX_STEPS = 50;

interface Trace {
  readonly status: RolloutStatus;
  readonly steps: readonly StepStatus[];
}

/** Remembers, for `/status`, what the state alone does not tell: since when, and what came before. */
export class StatusTracker {
  readonly #bundle: string;
  readonly #config: RolloutConfig;
  readonly #clock: Clock;
  readonly #open = new Map<string, Trace>();
  #recent: readonly RolloutStatus[] = [];
  #health: Health;
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
    const trace = this.#open.get(rollout) ?? {
      status: {
        id: rollout,
        version,
        reason: 'changed' as const,
        startedAt,
        outcome: null,
        steps: [],
      },
      steps: [],
    };
    const warnings = findings.filter(({ severity }) => severity === 'warning');
    const tried = attempt === undefined ? {} : { attempt };
    const done = {
      step,
      startedAt,
      durationMs,
      ...tried,
      result: isRollback ? `${result} (back)` : result,
      ...(warnings.length === 0 ? {} : { warnings }),
    };
    this.#open.set(rollout, { ...trace, steps: [...trace.steps, done].slice(-MAX_STEPS) });
  }

  /** What a probation lacks; shown until its phase is over. */
  waiting(report: WaitingReport): void {
    this.#waiting = report;
  }

  finished({ rollout, outcome }: Effect & { type: 'finish' }): void {
    const trace = this.#open.get(rollout);
    this.#open.delete(rollout);
    if (trace === undefined) return;
    const ended = { ...trace.status, outcome, steps: trace.steps };
    this.#recent = [ended, ...this.#recent].slice(0, MAX_RECENT);
  }

  changed(state: State): void {
    const health = healthOf(state, this.#config, this.#blocked);
    const isSame = health.state === this.#health.state;
    this.#health = { ...health, since: isSame ? this.#health.since : this.#now() };
    if (!isSame) this.#healthSinceMs = this.#clock.nowMs();
    if (state.rejected !== this.#rejected) this.#rejectedAt = this.#now();
    this.#rejected = state.rejected;
  }

  /** Why nothing goes on; null when it does again. Shown with the next `changed`. */
  blocked(finding: Finding | null): void {
    this.#blocked = finding;
  }

  /** How long the bundle has been in its present state of health, whatever the wall clock did. */
  get heldMs(): number {
    return this.#clock.nowMs() - this.#healthSinceMs;
  }

  status(state: State): BundleStatus {
    const { rejected } = state;
    const waiting = this.#waiting?.generation === state.generation ? this.#waiting.finding : null;
    const lacking = waiting === null ? [] : [waiting];
    const current = rolloutOf(state);
    const trace = current === null ? undefined : this.#open.get(current.rollout);
    return {
      bundle: this.#bundle,
      mode: this.#config.publishes ? 'published' : 'direct',
      health: { ...this.#health, findings: [...this.#health.findings, ...lacking] },
      ready: isReady(state, this.#config),
      phase: state.phase.name,
      desired: state.desired,
      active: state.active,
      lastGood: state.lastGood,
      published: state.published,
      rejected:
        rejected === null
          ? null
          : {
              version: rejected.version,
              step: rejected.step,
              at: this.#rejectedAt,
              findings: rejected.findings,
            },
      rollout: trace === undefined ? null : { ...trace.status, steps: trace.steps },
      recent: this.#recent,
    };
  }

  #now(): string {
    return iso(this.#clock.wallMs());
  }
}

function iso(wallMs: number): string {
  return new Date(wallMs).toISOString();
}
