import { findingFrom } from '@lastgood/core/model/error.ts';
import { errorsFirst, type Finding } from '@lastgood/core/model/finding.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { type Found, isSnapshot, type Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import { recover } from '../rollout/recovery.ts';
import {
  type Effect,
  type Event,
  type RolloutConfig,
  rolloutOf,
  type State,
  type Work,
} from '../rollout/state.ts';
import { CANCELLED, sleepWithJitter, waitForRetry } from './backoff.ts';
import { CaptureLoop } from './capture-loop.ts';
import { Driver } from './driver.ts';
import type { Ports, StepReport } from './ports.ts';
import { SnapshotCache } from './snapshot-cache.ts';

interface Bundle {
  readonly name: string;
  readonly mountedAt: string;
}

/**
 * The way of one bundle's changes through the steps, in their order: performs what the state machine
 * asks for. When it is asked, and what comes of the outcome, is the driver's.
 */
export class Pipeline {
  readonly #bundle: Bundle;
  readonly #config: RolloutConfig;
  readonly #ports: Ports;
  readonly #driver: Driver;
  readonly #captureLoop: CaptureLoop;
  readonly #cache = new SnapshotCache();
  /** What was captured last, whether or not the machine has come to it yet. */
  #seen: Version | null = null;
  /** What was wrong at the last look, so that it is told once. */
  #lastTrouble = '';
  /** Ends the wait before a version that has failed by a fault is tried again. */
  #pendingRetry = new AbortController();

  constructor(bundle: Bundle, config: RolloutConfig, ports: Ports) {
    this.#bundle = bundle;
    this.#config = config;
    this.#ports = ports;
    const carryOut = (work: Work) => this.#carryOut(work);
    this.#driver = new Driver({ config, ports, cache: this.#cache, carryOut });
    this.#captureLoop = new CaptureLoop(() => this.#capture(), ports);
  }

  get state(): State {
    return this.#driver.state;
  }

  /** Goes on where the journal ends, then looks at the volumes for the first time. */
  async start(): Promise<void> {
    const config = this.#config;
    const ports = this.#ports;
    const [saved, kept, published, captured] = await Promise.all([
      ports.readJournal(),
      ports.readLastGood(),
      ports.readPublished(),
      config.publishes ? null : ports.capture(),
    ]);
    const visible = config.publishes ? published : captured?.ok ? captured.snapshot : null;
    const lastGood = await this.#lastGoodOf(kept, visible, saved);
    for (const found of [lastGood, visible]) if (isSnapshot(found)) this.#cache.put(found);
    const facts = {
      saved,
      visible: isSnapshot(visible) ? visible.version : visible,
      lastGood: lastGood?.version ?? null,
      rollbackId: ports.newId(),
    };
    await this.#driver.move(recover(facts, config));
    await this.#captureLoop.start();
  }

  /** The kept one; where it is lost, what is published, if the journal says that it is the same. */
  async #lastGoodOf(kept: Found, visible: Found, saved: State | null): Promise<Snapshot | null> {
    if (isSnapshot(kept)) return kept;
    if (!isSnapshot(visible) || saved?.lastGood !== visible.version) return null;
    await this.#ports.keep(visible);
    return visible;
  }

  /** Captures the volumes and considers what they hold. Calls that come meanwhile become one. */
  reconcile(): Promise<void> {
    return this.#captureLoop.reconcile();
  }

  /** Finishes the step in hand, starts no other, and returns when the journal is written. */
  async stop(): Promise<void> {
    this.#captureLoop.stop();
    this.#pendingRetry.abort(CANCELLED);
    await this.#driver.stop();
  }

  /** What ends from now on was cut off by us, and says nothing: the next sidecar does it again. */
  abandon(): void {
    this.#driver.abandon();
  }

  // --- source → capture → validate → prepare ---

  /** Whether the volumes could be captured. */
  async #capture(): Promise<boolean> {
    const rollout = this.#ports.newId();
    const startedMs = this.#ports.clock.nowMs();
    const captured = await this.#ports.capture();
    if (!captured.ok) {
      const { findings } = captured;
      const trouble = JSON.stringify(findings);
      if (trouble !== this.#lastTrouble)
        this.#report('capture', { rollout, version: null }, startedMs, 'rejected', findings);
      this.#lastTrouble = trouble;
      this.#seen = null;
      this.#driver.dispatch({ type: 'uncapturable', rollout, findings });
      return false;
    }
    this.#lastTrouble = '';
    const { snapshot } = captured;
    const { version } = snapshot;
    if (version === this.#seen) return true;
    this.#seen = version;
    this.#cache.put(snapshot);
    this.#report('capture', { rollout, version }, startedMs, 'captured', [], { snapshot });
    this.#driver.dispatch({ type: 'captured', rollout, version });
    return true;
  }

  /** Does what the machine asks for; its end is the machine's next event. */
  async #carryOut(work: Work): Promise<Event | undefined> {
    switch (work.type) {
      case 'validate':
        return this.#validate(work);
      case 'publish':
        return this.#publish(work);
      case 'deliver':
        return this.#deliver(work);
      case 'confirm':
        return this.#confirm(work);
      case 'commit':
        return this.#commit(work);
      case 'wait':
        return this.#wait(work);
      case 'wait-again':
        return this.#waitForPendingRetry(work);
    }
  }

  async #validate(effect: Effect & { type: 'validate' }): Promise<Event | undefined> {
    const signal = this.#driver.check;
    const startedMs = this.#ports.clock.nowMs();
    try {
      const snapshot = this.#cache.get(effect.version);
      const { lastGood, active } = this.#driver.state;
      const standing = {
        lastGood: this.#cache.find(lastGood) ?? null,
        active: this.#cache.find(active) ?? null,
      };
      const verdict = await this.#ports.validate(snapshot, standing, signal);
      const { accepted, meansTheSame, mayPass } = verdict;
      const findings = errorsFirst(verdict.findings);
      this.#report('validate', effect, startedMs, accepted ? 'accepted' : 'rejected', findings);
      const { rollout } = effect;
      const fault = mayPass ? ({ fault: true } as const) : {};
      if (!accepted) return { type: 'validated', rollout, accepted, findings, ...fault };
      const same = meansTheSame && active !== null ? { equivalentTo: active } : {};
      const refusal = meansTheSame ? null : await this.#prepare(effect, signal);
      return refusal ?? { type: 'validated', rollout, accepted, findings, ...same };
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  /** Asks for a dry run; null when nobody has anything against the version. */
  async #prepare(
    effect: Effect & { type: 'validate' },
    signal: AbortSignal,
  ): Promise<Event | null> {
    const { prepare, clock } = this.#ports;
    const { rollout, version } = effect;
    const { active: previous } = this.#driver.state;
    // What the app runs on, or has been told of, is past the question.
    const isTold = version === previous || version === rolloutOf(this.#driver.state)?.version;
    if (prepare === undefined || isTold) return null;
    const startedMs = clock.nowMs();
    const snapshot = this.#cache.get(version);
    const changed = this.#cache.diff(previous, version);
    const { name: bundle } = this.#bundle;
    const event = { event: 'prepare', bundle, version, previous, rollout, changed } as const;
    const { answer, findings } = await prepare({ snapshot, event }, signal);
    this.#report('prepare', effect, startedMs, answer, findings);
    if (answer === 'accepted') return null;
    const refusal = { type: 'validated', rollout, accepted: false, findings } as const;
    return { ...refusal, step: 'prepare', ...(answer === 'fault' ? { fault: true } : {}) };
  }

  // --- publish → deliver → confirm → commit ---

  async #publish(effect: Effect & { type: 'publish' }): Promise<Event> {
    // Where nobody is told, a running app sees it by itself, from now on.
    const isSeen =
      this.#config.targets.length === 0 && rolloutOf(this.#driver.state)?.reason !== 'start';
    if (isSeen) await this.#ports.beforeDelivery?.(this.#wayOf(effect.rollout));
    return this.#attempt('publish', effect, 'published', () =>
      this.#ports.publish(this.#cache.get(effect.version)),
    );
  }

  async #deliver(effect: Effect & { type: 'deliver' }): Promise<Event> {
    const { rollout, version, previous, attempt, reason, generation } = effect;
    const target = this.#ports.targets[effect.target];
    if (target === undefined) throw new RangeError(`no target ${effect.target}`);
    await this.#ports.beforeDelivery?.(this.#wayOf(rollout));
    const startedMs = this.#ports.clock.nowMs();
    const told = {
      event: 'reload',
      bundle: this.#bundle.name,
      version,
      previous,
      rollout,
      attempt,
      reason,
      changed: this.#cache.diff(previous, version),
      dir: this.#bundle.mountedAt,
    } satisfies ReloadEvent;
    const delivery = await target.deliver(told, this.#driver.preempted);
    const { answer, findings, status, ...more } = delivery;
    this.#report('deliver', effect, startedMs, answer, findings, {
      targetIndex: effect.target,
      target: target.name,
      attempt,
      ...(status === undefined ? {} : { status }),
    });
    return { type: 'answered', generation, answer, findings, ...more };
  }

  /** The way back needs a proof of its own: that of the way there would do for nothing. */
  #wayOf(rollout: string): string {
    return this.#isWayBack() ? `${rollout} back` : rollout;
  }

  #isWayBack(): boolean {
    return rolloutOf(this.#driver.state)?.failure != null;
  }

  async #confirm(effect: Effect & { type: 'confirm' }): Promise<Event | undefined> {
    const { rollout, version, waitForFirstResponse, generation } = effect;
    const signal = this.#driver.phase;
    const { clock, observer, confirm } = this.#ports;
    const startedMs = clock.nowMs();
    const back = this.#isWayBack();
    try {
      const { accepted, findings } = await confirm({
        rollout: this.#wayOf(rollout),
        version,
        waitForFirstResponse,
        signal,
        onWaiting: (finding) => observer.waiting({ generation, rollout, version, finding, back }),
      });
      this.#report('confirm', effect, startedMs, accepted ? 'accepted' : 'rejected', findings);
      return { type: accepted ? 'done' : 'failed', generation, findings };
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  #commit(effect: Effect & { type: 'commit' }): Promise<Event> {
    return this.#attempt('commit', effect, 'committed', () =>
      this.#ports.keep(this.#cache.get(effect.version)),
    );
  }

  async #attempt(
    step: Step,
    effect: Effect & { type: 'publish' | 'commit' },
    result: string,
    work: () => Promise<void>,
  ): Promise<Event> {
    const startedMs = this.#ports.clock.nowMs();
    try {
      await work();
      this.#report(step, effect, startedMs, result);
      return { type: 'done', generation: effect.generation, findings: [] };
    } catch (error) {
      const findings = [findingFrom(error)];
      this.#report(step, effect, startedMs, 'failed', findings);
      return { type: 'failed', generation: effect.generation, findings };
    }
  }

  // --- waits ---

  async #wait({
    generation,
    absent,
    ...turn
  }: Effect & { type: 'wait' }): Promise<Event | undefined> {
    const target = absent === undefined ? undefined : this.#ports.targets[absent];
    const isDue = await waitForRetry({ ...turn, absent: target }, this.#ports, this.#driver.phase);
    return isDue ? { type: 'retry-due', generation } : undefined;
  }

  async #waitForPendingRetry({
    version,
    ms,
  }: Effect & { type: 'wait-again' }): Promise<Event | undefined> {
    this.#pendingRetry.abort(CANCELLED);
    this.#pendingRetry = new AbortController();
    if (!(await sleepWithJitter(this.#ports, ms, this.#pendingRetry.signal))) return undefined;
    return { type: 'again-due', rollout: this.#ports.newId(), version };
  }

  #report(
    step: Step,
    { rollout, version }: { readonly rollout: string; readonly version: Version | null },
    startedMs: number,
    result: string,
    findings: readonly Finding[] = [],
    more: Pick<StepReport, 'snapshot' | 'targetIndex' | 'target' | 'attempt' | 'status'> = {},
  ): void {
    const durationMs = this.#ports.clock.nowMs() - startedMs;
    const current = rolloutOf(this.#driver.state);
    const back = current?.rollout === rollout && current.failure !== null;
    this.#ports.observer.step({
      rollout,
      version,
      step,
      result,
      durationMs,
      findings,
      back,
      ...more,
    });
  }
}
