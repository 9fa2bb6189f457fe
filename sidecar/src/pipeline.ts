import type { ReloadEvent, Version } from '@lastgood/sdk';
import { findingFrom } from './errors.ts';
import type { Ports, StepReport } from './ports.ts';
import { next } from './rollout/machine.ts';
import { recover } from './rollout/recover.ts';
import {
  type Effect,
  EMPTY,
  type Event,
  type Move,
  type Plan,
  rolloutOf,
  type State,
} from './rollout/state.ts';
import { Shelf } from './shelf.ts';
import { type Found, isSnapshot, type Snapshot } from './snapshot.ts';
import type { Step } from './steps.ts';
import { errorsFirst, type Finding } from './verdict.ts';

/** Wait before the journal is tried again: nothing may happen that is not written down. */
const JOURNAL_RETRY_MS = 1_000;

/** What cannot be captured now is looked at again after this, then at doubling intervals … */
const FIRST_LOOK_MS = 1_000;

/** … up to this, which is also the longest wait for the journal. */
const MAX_WAIT_MS = 30_000;

/**
 * However soon somebody seems to be there, the next try comes no sooner: one who is there and yet says
 * absent must not keep us busy.
 */
const SOONEST_MS = 250;

/** Given to every abort: the error that it would make by itself, with its stack, takes 0.1 ms. */
const OVER = new Error('this phase is over');

interface Bundle {
  readonly name: string;
  readonly mountedAt: string;
}

/**
 * The way of one bundle's changes through the steps: performs what the state machine asks for, and
 * feeds the outcomes back. One event at a time, and journaled before it is acted upon (P7).
 */
export class Pipeline {
  readonly #bundle: Bundle;
  readonly #plan: Plan;
  readonly #ports: Ports;
  #state: State = EMPTY;
  #journaled = '';
  /** The content of the versions that the state speaks of. */
  readonly #shelf = new Shelf();
  #events: Event[] = [];
  #isDraining = false;
  #isAbandoned = false;
  /** What was captured last, whether or not the machine has come to it yet. */
  #seen: Version | null = null;
  #failedLooks = 0;
  #later = new AbortController();
  #look: 'not-started' | 'idle' | 'looking' | 'look-again' = 'not-started';
  #inHand = new Set<Promise<void>>();
  /** Ends the waits and the probation of a phase that is over. */
  #phase = new AbortController();
  /** Aborts what a delivery waits for, once a newer version waits for it in turn (P6). */
  #hurry = new AbortController();
  #again = new AbortController();
  /** Ends the checks of a content that a newer one has replaced. */
  #check = new AbortController();
  #stopped = new AbortController();

  constructor(bundle: Bundle, plan: Plan, ports: Ports) {
    this.#bundle = bundle;
    this.#plan = plan;
    this.#ports = ports;
  }

  get state(): State {
    return this.#state;
  }

  /** Goes on where the journal ends, then looks at the volumes for the first time. */
  async start(): Promise<void> {
    const { ports, plan } = { ports: this.#ports, plan: this.#plan };
    const [saved, kept, published, captured] = await Promise.all([
      ports.readJournal(),
      ports.readLastGood(),
      ports.readPublished(),
      plan.publishes ? null : ports.capture(),
    ]);
    const visible = plan.publishes ? published : captured?.ok ? captured.snapshot : null;
    const lastGood = await this.#lastGoodOf(kept, visible, saved);
    for (const found of [lastGood, visible]) if (isSnapshot(found)) this.#shelf.put(found);
    const facts = {
      saved,
      visible: isSnapshot(visible) ? visible.version : visible,
      lastGood: lastGood?.version ?? null,
      spare: ports.newId(),
    };
    await this.#move(recover(facts, plan));
    this.#look = 'idle';
    await this.look();
  }

  /** The kept one; where it is lost, what is published, if the journal says that it is the same. */
  async #lastGoodOf(kept: Found, visible: Found, saved: State | null): Promise<Snapshot | null> {
    if (isSnapshot(kept)) return kept;
    if (!isSnapshot(visible) || saved?.lastGood !== visible.version) return null;
    await this.#ports.keep(visible);
    return visible;
  }

  /** Captures the volumes and considers what they hold. Calls that come meanwhile become one. */
  async look(): Promise<void> {
    // The start ends with a look of its own.
    if (this.#stopped.signal.aborted || this.#look === 'not-started') return;
    if (this.#look !== 'idle') {
      this.#look = 'look-again';
      return;
    }
    try {
      do {
        this.#look = 'looking';
        await this.#capture();
        // The capture may have asked for it in between, which narrowing cannot see.
      } while ((this.#look as string) === 'look-again');
    } finally {
      this.#look = 'idle';
    }
  }

  /** Finishes the step in hand, starts no other, and returns when the journal is written. */
  async stop(): Promise<void> {
    this.#stopped.abort(OVER);
    this.#hurry.abort(OVER);
    this.#phase.abort(OVER);
    this.#again.abort(OVER);
    this.#later.abort(OVER);
    this.#check.abort(OVER);
    while (this.#inHand.size > 0) await Promise.all(this.#inHand);
  }

  /** What ends from now on was cut off by us, and says nothing: the next sidecar does it again. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  // --- source → capture → validate → prepare ---

  async #capture(): Promise<void> {
    const rollout = this.#ports.newId();
    const startedMs = this.#ports.clock.nowMs();
    const captured = await this.#ports.capture();
    if (!captured.ok) {
      const isKnown = JSON.stringify(captured.findings) === this.#lastTrouble;
      this.#lastTrouble = JSON.stringify(captured.findings);
      if (!isKnown)
        this.#report(
          'capture',
          { rollout, version: null },
          startedMs,
          'rejected',
          captured.findings,
        );
      this.#seen = null;
      this.#dispatch({ type: 'uncapturable', rollout, findings: captured.findings });
      void this.#lookLater();
      return;
    }
    this.#lastTrouble = '';
    this.#failedLooks = 0;
    const { snapshot } = captured;
    if (snapshot.version === this.#seen) return;
    this.#seen = snapshot.version;
    this.#shelf.put(snapshot);
    this.#report('capture', { rollout, version: snapshot.version }, startedMs, 'captured', [], {
      snapshot,
    });
    this.#dispatch({ type: 'captured', rollout, version: snapshot.version });
  }
  #lastTrouble = '';

  /** A permission that the kubelet sets a moment later, or a read that hung, makes no event. */
  async #lookLater(): Promise<void> {
    const ms = Math.min(FIRST_LOOK_MS * 2 ** this.#failedLooks, MAX_WAIT_MS);
    this.#failedLooks += 1;
    this.#later.abort(OVER);
    this.#later = new AbortController();
    if (await this.#slept(ms, this.#later.signal)) await this.look();
  }

  async #validate(effect: Effect & { type: 'validate' }): Promise<Event | undefined> {
    const { signal } = this.#check;
    const startedMs = this.#ports.clock.nowMs();
    try {
      const snapshot = this.#shelf.get(effect.version);
      const { lastGood, active } = this.#state;
      const standing = {
        lastGood: this.#shelf.find(lastGood) ?? null,
        active: this.#shelf.find(active) ?? null,
      };
      const verdict = await this.#ports.validate(snapshot, standing, signal);
      const { accepted, meansTheSame, mayPass } = verdict;
      const findings = errorsFirst(verdict.findings);
      this.#report('validate', effect, startedMs, accepted ? 'accepted' : 'rejected', findings);
      const { rollout } = effect;
      const fault = mayPass ? ({ fault: true } as const) : {};
      if (!accepted) return { type: 'validated', rollout, accepted, findings, ...fault };
      const same = meansTheSame && active !== null ? { sameAs: active } : {};
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
    const { active: previous } = this.#state;
    // What the app runs on, or has been told of, is past the question.
    const isTold = version === previous || version === rolloutOf(this.#state)?.version;
    if (prepare === undefined || isTold) return null;
    const startedMs = clock.nowMs();
    const snapshot = this.#shelf.get(version);
    const changed = this.#shelf.changed(previous, version);
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
    const isSeen = this.#plan.targets.length === 0 && rolloutOf(this.#state)?.reason !== 'start';
    if (isSeen) await this.#ports.beforeDelivery?.(this.#wayOf(effect.rollout));
    return this.#attempt('publish', effect, 'published', () =>
      this.#ports.publish(this.#shelf.get(effect.version)),
    );
  }

  async #deliver(effect: Effect & { type: 'deliver' }): Promise<Event> {
    const { rollout, version, previous, attempt, reason, seq } = effect;
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
      changed: this.#shelf.changed(previous, version),
      dir: this.#bundle.mountedAt,
    } satisfies ReloadEvent;
    const delivery = await target.deliver(told, this.#hurry.signal);
    const { answer, findings, status, ...more } = delivery;
    this.#report('deliver', effect, startedMs, answer, findings, {
      targetIndex: effect.target,
      target: target.name,
      attempt,
      ...(status === undefined ? {} : { status }),
    });
    return { type: 'answered', seq, answer, findings, ...more };
  }

  /** The way back needs a proof of its own: that of the way there would do for nothing. */
  #wayOf(rollout: string): string {
    return rolloutOf(this.#state)?.failure == null ? rollout : `${rollout} back`;
  }

  async #confirm(effect: Effect & { type: 'confirm' }): Promise<Event | undefined> {
    const { rollout, version, patient, seq } = effect;
    const { signal } = this.#phase;
    const startedMs = this.#ports.clock.nowMs();
    try {
      const { accepted, findings } = await this.#ports.confirm({
        rollout: this.#wayOf(rollout),
        version,
        patient,
        signal,
      });
      this.#report('confirm', effect, startedMs, accepted ? 'accepted' : 'rejected', findings);
      return { type: accepted ? 'done' : 'failed', seq, findings };
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  #commit(effect: Effect & { type: 'commit' }): Promise<Event> {
    return this.#attempt('commit', effect, 'committed', () =>
      this.#ports.keep(this.#shelf.get(effect.version)),
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
      return { type: 'done', seq: effect.seq, findings: [] };
    } catch (error) {
      const findings = [findingFrom(error)];
      this.#report(step, effect, startedMs, 'failed', findings);
      return { type: 'failed', seq: effect.seq, findings };
    }
  }

  // --- waits ---

  async #wait(effect: Effect & { type: 'wait' }): Promise<Event | undefined> {
    const { seq, ms, leastMs, absent } = effect;
    const { signal } = this.#phase;
    // Of its own, so that nothing goes on looking for the app once the wait has come to its end.
    const over = new AbortController();
    const end = () => over.abort(OVER);
    if (signal.aborted) return undefined;
    signal.addEventListener('abort', end, { once: true });
    try {
      const slept = this.#slept(ms, over.signal, leastMs);
      // Whatever goes wrong with it, the wait itself comes to its end.
      const appeared = this.#appeared(absent, over.signal).catch(() => slept);
      const isDue = await Promise.race([slept, appeared]);
      return isDue && !signal.aborted ? { type: 'retry-due', seq } : undefined;
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }

  /** True as soon as a target that was absent seems to be there; rejects where nobody can tell. */
  async #appeared(index: number | undefined, signal: AbortSignal): Promise<boolean> {
    const target = index === undefined ? undefined : this.#ports.targets[index];
    if (target?.appears === undefined) throw OVER;
    await this.#ports.clock.sleep(SOONEST_MS, signal);
    await target.appears(signal);
    return true;
  }

  async #waitAgain(effect: Effect & { type: 'wait-again' }): Promise<Event | undefined> {
    const { version, ms } = effect;
    this.#again.abort(OVER);
    this.#again = new AbortController();
    if (!(await this.#slept(ms, this.#again.signal))) return undefined;
    return { type: 'again-due', rollout: this.#ports.newId(), version };
  }

  /**
   * Between half and all of it, so that the pods of a fleet do not retry in step; but never less than
   * `leastMs`.
   */
  async #slept(ms: number, signal: AbortSignal, leastMs = 0): Promise<boolean> {
    const spreadMs = ms * (0.5 + this.#ports.random() / 2);
    try {
      await this.#ports.clock.sleep(Math.max(spreadMs, leastMs), signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  // --- the machine ---

  #dispatch(event: Event): void {
    if (event.type === 'captured' || event.type === 'uncapturable') this.#supersedeWaiting();
    this.#events.push(event);
    if (!this.#isDraining) this.#track(this.#drain());
  }

  /** A newer look replaces one that the machine has not come to: bursts coalesce to the newest. */
  #supersedeWaiting(): void {
    const isLook = ({ type }: Event) => type === 'captured' || type === 'uncapturable';
    for (const event of this.#events)
      if (event.type === 'captured')
        this.#perform({ ...event, type: 'finish', outcome: 'superseded', failure: null });
    this.#events = this.#events.filter((event) => !isLook(event));
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift())
      try {
        await this.#move(next(this.#state, event, this.#plan));
      } catch (error) {
        // A defect; but one event that goes wrong must not hold back all that come after it.
        this.#ports.observer.trouble(findingFrom(error));
      }
    this.#isDraining = false;
  }

  async #move([state, effects]: Move): Promise<void> {
    if (state.seq !== this.#state.seq) {
      this.#phase.abort(OVER);
      this.#phase = new AbortController();
    }
    if (state.checking?.rollout !== this.#state.checking?.rollout) {
      this.#check.abort(OVER);
      this.#check = new AbortController();
    }
    if (state.seq !== this.#state.seq) this.#hurry = new AbortController();
    if (state.next !== null) this.#hurry.abort(OVER);
    this.#state = state;
    await this.#journal();
    this.#ports.observer.changed(state);
    for (const effect of effects) this.#perform(effect);
    this.#forget();
  }

  async #journal(): Promise<void> {
    const { desired, checking, next: queued, rejected, ...lasting } = this.#state;
    const text = JSON.stringify(lasting);
    let isBlocked = false;
    for (let ms = JOURNAL_RETRY_MS; text !== this.#journaled; ms = Math.min(ms * 2, MAX_WAIT_MS)) {
      try {
        await this.#ports.writeJournal(this.#state);
        this.#journaled = text;
      } catch (error) {
        if (!this.#ports.retriesJournal) throw error;
        const finding = findingFrom(error);
        this.#ports.observer.trouble(finding);
        this.#ports.observer.blocked(finding, this.#state);
        isBlocked = true;
        if (this.#stopped.signal.aborted) return;
        await this.#slept(ms, this.#stopped.signal);
      }
    }
    if (isBlocked) this.#ports.observer.blocked(null, this.#state);
  }

  #perform(effect: Effect): void {
    if (effect.type === 'finish') {
      const snapshot = this.#shelf.find(effect.version);
      this.#ports.observer.finished(effect, this.#state, snapshot);
    } else if (!this.#stopped.signal.aborted) this.#track(this.#carryOut(effect));
  }

  /** From here on the journal knows what is being done; its end is the machine's next event. */
  async #carryOut(effect: Exclude<Effect, { type: 'finish' }>): Promise<void> {
    const { hold } = this.#ports;
    if (hold !== undefined) await hold(`before ${effect.type}`);
    const event = await this.#endOf(effect).catch((error) => this.#broken(effect, error));
    if (hold !== undefined) await hold(`after ${effect.type}`);
    if (event !== undefined && !this.#isAbandoned) this.#dispatch(event);
  }

  /** A step answers with a verdict; an exception is a defect of ours, and still ends the phase. */
  #broken(effect: Exclude<Effect, { type: 'finish' }>, error: unknown): Event | undefined {
    const findings = [findingFrom(error)];
    for (const finding of findings) this.#ports.observer.trouble(finding);
    switch (effect.type) {
      case 'validate':
        return { type: 'validated', rollout: effect.rollout, accepted: false, findings };
      case 'deliver':
        return { type: 'answered', seq: effect.seq, answer: 'fault', findings };
      case 'publish':
      case 'confirm':
      case 'commit':
        return { type: 'failed', seq: effect.seq, findings };
      default:
        return undefined;
    }
  }

  async #endOf(effect: Exclude<Effect, { type: 'finish' }>): Promise<Event | undefined> {
    switch (effect.type) {
      case 'validate':
        return this.#validate(effect);
      case 'publish':
        return this.#publish(effect);
      case 'deliver':
        return this.#deliver(effect);
      case 'confirm':
        return this.#confirm(effect);
      case 'commit':
        return this.#commit(effect);
      case 'wait':
        return this.#wait(effect);
      case 'wait-again':
        return this.#waitAgain(effect);
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work
      // Nothing should come here; if it does it must not be lost.
      .catch((error) => this.#ports.observer.trouble(findingFrom(error)))
      .finally(() => this.#inHand.delete(tracked));
    this.#inHand.add(tracked);
  }

  /** Keeps the content of just those versions that may still be published, told or compared. */
  #forget(): void {
    const { desired, checking, next: queued, published, active, lastGood } = this.#state;
    const arriving = this.#events.map((event) =>
      event.type === 'captured' ? event.version : null,
    );
    this.#shelf.keepOnly([
      ...[desired, published, active, lastGood, checking?.version, queued?.version],
      ...[rolloutOf(this.#state)?.version, ...arriving],
    ]);
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
    const current = rolloutOf(this.#state);
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
