import { findingFrom } from '@lastgood/core/model/error.ts';
import { errorsFirst, type Finding } from '@lastgood/core/model/finding.ts';
import { CANCELLED, sleepWithJitter } from '@lastgood/core/model/retry-wait.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import type { EffectOf, Event, EventOf, Work } from '../rollout/events.ts';
import { rolloutOf, type State } from '../rollout/state.ts';
import type { Ports, StepReport } from './ports.ts';
import type { SnapshotCache } from './snapshot-cache.ts';

export interface EffectContext {
  /** The state now: a rollout may continue while a newer version is being checked. */
  readonly state: () => State;
  /** What cuts an effect short. */
  readonly signals: {
    /** The phase is over: ends its wait or its probation. */
    readonly phase: AbortSignal;
    /** A newer version waits for this delivery to end: ends its own waits (P6). */
    readonly preempted: AbortSignal;
    /** Newer content has replaced the content under check. */
    readonly check: AbortSignal;
  };
}

export interface BundleInfo {
  readonly name: string;
  readonly mountedAt: string;
}

/** Performs what the state machine asks for, by calling the steps. It decides nothing. */
export class Effects {
  readonly #bundle: BundleInfo;
  readonly #ports: Ports;
  readonly #cache: SnapshotCache;
  /** Ends the wait before a version that failed by a fault is tried again. */
  #pendingRetry = new AbortController();

  constructor(bundle: BundleInfo, ports: Ports, cache: SnapshotCache) {
    this.#bundle = bundle;
    this.#ports = ports;
    this.#cache = cache;
  }

  /** The result is the machine's next event; undefined: the effect was cut short. */
  async perform(work: Work, context: EffectContext): Promise<Event | undefined> {
    switch (work.type) {
      case 'validate':
        return this.#validate(work, context);
      case 'await-restart':
        return this.#awaitRestart(work, context);
      case 'publish':
        return this.#publish(work, context);
      case 'deliver':
        return this.#deliver(work, context);
      case 'confirm':
        return this.#confirm(work, context);
      case 'commit':
        return this.#store(work, context, 'committed', this.#ports.keep);
      case 'wait':
        return this.#wait(work, context);
      case 'wait-pending-retry':
        return this.#waitForPendingRetry(work);
    }
  }

  cancelPendingRetry(): void {
    this.#pendingRetry.abort(CANCELLED);
  }

  async #validate(
    effect: EffectOf<'validate'>,
    context: EffectContext,
  ): Promise<Event | undefined> {
    const signal = context.signals.check;
    const report = this.#begin(effect, context);
    const { rollout } = effect;
    try {
      const snapshot = this.#cache.get(effect.version);
      const { lastGood, active } = context.state();
      const current = {
        lastGood: this.#cache.find(lastGood) ?? null,
        active: this.#cache.find(active) ?? null,
      };
      const verdict = await this.#ports.validate(snapshot, current, signal);
      const { accepted, isEquivalent, mayPass } = verdict;
      const findings = errorsFirst(verdict.findings);
      report(accepted ? 'accepted' : 'rejected', findings);
      const fault = mayPass ? ({ fault: true } as const) : {};
      if (!accepted) return { type: 'validated', rollout, accepted, findings, ...fault };
      const same = isEquivalent && active !== null ? { equivalentTo: active } : {};
      const prepared = isEquivalent ? {} : await this.#prepare(effect, context);
      return { type: 'validated', rollout, accepted, findings, ...same, ...prepared };
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  /** Asks the apps about the version; the result is what this adds to the verdict of the checks. */
  async #prepare(
    effect: EffectOf<'validate'>,
    context: EffectContext,
  ): Promise<Partial<EventOf<'validated'>>> {
    const { prepare } = this.#ports;
    const { rollout, version } = effect;
    const state = context.state();
    const { active: previous } = state;
    // The app already has this version, or is getting it.
    const isDelivered = version === previous || version === rolloutOf(state)?.version;
    if (prepare === undefined || isDelivered) return {};
    const report = this.#begin(effect, context, 'prepare');
    const snapshot = this.#cache.get(version);
    const changed = this.#cache.diff(previous, version);
    const { name: bundle } = this.#bundle;
    const event = { event: 'prepare', bundle, version, previous, rollout, changed } as const;
    const { answer, findings } = await prepare({ snapshot, event }, context.signals.check);
    report(answer, findings);
    if (answer === 'accepted') return {};
    if (answer === 'restart') return { needsRestart: findings };
    const refusal = { accepted: false, findings, step: 'prepare' } as const;
    return answer === 'fault' ? { ...refusal, fault: true } : refusal;
  }

  async #awaitRestart(
    { generation, rollout, version }: EffectOf<'await-restart'>,
    { signals }: EffectContext,
  ): Promise<Event | undefined> {
    try {
      await this.#ports.awaitRestart?.({ rollout, version }, signals.phase);
    } catch (error) {
      if (!signals.phase.aborted) throw error;
    }
    return signals.phase.aborted ? undefined : { type: 'done', generation, findings: [] };
  }

  async #publish(effect: EffectOf<'publish'>, context: EffectContext): Promise<Event> {
    const state = context.state();
    // Without targets, a running app may notice the files as soon as they are published.
    const { publish, targets, beforeDelivery } = this.#ports;
    const isVisible = targets.length === 0 && rolloutOf(state)?.reason !== 'start';
    if (isVisible) await beforeDelivery?.(baselineId(effect.rollout, state));
    return this.#store(effect, context, 'published', publish);
  }

  async #deliver(effect: EffectOf<'deliver'>, context: EffectContext): Promise<Event> {
    const { rollout, version, previous, attempt, reason, generation } = effect;
    const target = this.#ports.targets[effect.target];
    if (target === undefined) throw new RangeError(`no target ${effect.target}`);
    await this.#ports.beforeDelivery?.(baselineId(rollout, context.state()));
    const report = this.#begin(effect, context);
    const { name: bundle, mountedAt: dir } = this.#bundle;
    const changed = this.#cache.diff(previous, version);
    const delivery = await target.deliver(
      { event: 'reload', bundle, version, previous, rollout, attempt, reason, changed, dir },
      context.signals.preempted,
    );
    const { answer, findings, status, ...more } = delivery;
    const shown = { targetIndex: effect.target, target: target.name, attempt };
    report(answer, findings, status === undefined ? shown : { ...shown, status });
    return { type: 'answered', generation, answer, findings, ...more };
  }

  async #confirm(effect: EffectOf<'confirm'>, context: EffectContext): Promise<Event | undefined> {
    const { rollout, version, waitForFirstResponse, maxAbsenceMs, generation } = effect;
    const signal = context.signals.phase;
    const { observer, confirm } = this.#ports;
    const report = this.#begin(effect, context);
    const state = context.state();
    const shown = { generation, rollout, version, isRollback: isRollback(state) };
    try {
      const { accepted, findings, ...more } = await confirm({
        rollout: baselineId(rollout, state),
        version,
        snapshot: this.#cache.find(version),
        isRollback: shown.isRollback,
        waitForFirstResponse,
        maxAbsenceMs,
        signal,
        onWaiting: (finding) => observer.waiting({ ...shown, finding }),
      });
      report(accepted ? 'accepted' : 'rejected', findings);
      return { type: accepted ? 'done' : 'failed', generation, findings, ...more };
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  /** Publishes or commits. */
  async #store(
    effect: EffectOf<'publish' | 'commit'>,
    context: EffectContext,
    result: string,
    store: (snapshot: Snapshot) => Promise<void>,
  ): Promise<Event> {
    const { generation, version } = effect;
    const report = this.#begin(effect, context);
    try {
      await store(this.#cache.get(version));
      report(result);
      return { type: 'done', generation, findings: [] };
    } catch (error) {
      const findings = [findingFrom(error)];
      report('failed', findings);
      return { type: 'failed', generation, findings };
    }
  }

  async #wait(wait: EffectOf<'wait'>, { signals }: EffectContext): Promise<Event | undefined> {
    const isDue = await sleepWithJitter(this.#ports, wait.ms, signals.phase, wait.leastMs);
    return isDue ? { type: 'retry-due', generation: wait.generation } : undefined;
  }

  async #waitForPendingRetry({
    version,
    ms,
  }: EffectOf<'wait-pending-retry'>): Promise<Event | undefined> {
    this.#pendingRetry.abort(CANCELLED);
    this.#pendingRetry = new AbortController();
    if (!(await sleepWithJitter(this.#ports, ms, this.#pendingRetry.signal))) return undefined;
    return { type: 'pending-retry-due', rollout: this.#ports.newId(), version };
  }

  /** Starts the clock of a step; the function that it returns reports the step's end. */
  #begin(
    effect: EffectOf<'validate' | 'publish' | 'deliver' | 'confirm' | 'commit'>,
    { state }: EffectContext,
    step: Step = effect.type,
  ): Report {
    const { rollout, version } = effect;
    const { clock, observer } = this.#ports;
    const startedMs = clock.nowMs();
    return (result, findings = [], more = {}) => {
      const now = state();
      observer.step({
        rollout,
        version,
        step,
        result,
        durationMs: clock.nowMs() - startedMs,
        findings,
        isRollback: rolloutOf(now)?.rollout === rollout && isRollback(now),
        ...more,
      });
    };
  }
}

type Report = (
  result: string,
  findings?: readonly Finding[],
  more?: Pick<StepReport, 'targetIndex' | 'target' | 'attempt' | 'status'>,
) => void;

function isRollback(state: State): boolean {
  return rolloutOf(state)?.failure != null;
}

/** A rollback has its own baseline, and so has a second delivery to all targets, after a restart. */
function baselineId(rollout: string, state: State): string {
  if (isRollback(state)) return `${rollout} back`;
  return rolloutOf(state)?.needsRestart === undefined ? rollout : `${rollout} restarted`;
}
