import type { Clock } from '@lastgood/core/model/clock.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import type { Ack, BundleState } from '@lastgood/core/model/sdk-protocol.ts';
import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import { rolloutOf, type State } from '../rollout/state.ts';
import { isChecked } from './bundle-state.ts';
import { hasFailedToStart, isPreparing, needsRestart } from './conditions.ts';
import { endRounds, liveRollouts, noteActive } from './end-rounds.ts';
import { type Asked, type Outcome, type Unconfirmed, unconfirmed } from './outcome.ts';
import { Reconnects } from './reconnects.ts';
import { Roster } from './roster.ts';
import { openRound, type Round, reopenRound } from './round.ts';
import { findStartVersion, isFirstStart, stepOf } from './start-version.ts';
import type { Subscriber } from './subscriber.ts';
import { type SubscribersStatus, statusOf } from './subscribers-status.ts';
import type {
  Connection,
  SchemaKeeper,
  Session,
  SubscribeRequest,
  SubscriberBundle,
} from './subscription.ts';
import { TwoPhases, type TwoPhasesOptions } from './two-phases.ts';

export interface HubOptions extends TwoPhasesOptions {
  /** Of the bundle. */
  readonly name: string;
  readonly clock: Clock;
  /** Unique over all bundles. */
  readonly newId: () => string;
  /** Where the schemas of subscribers go; undefined: nowhere. */
  readonly schemas?: SchemaKeeper;
  readonly onCount?: (count: number) => void;
  /** Only answers that count. */
  readonly onAnswer?: (ack: Pick<Ack, 'event' | 'version' | 'verdict'>, label: string) => void;
}

/** What the hub learns from the runner of its bundle. */
export interface HubSources {
  /** The content of a version that the rollouts still need. */
  readonly find: (version: Version | null) => Snapshot | undefined;
  readonly describe: (state: State) => BundleState;
}

/**
 * The subscribers of one bundle. Tells each process what to run on, by the state of the bundle's
 * rollouts, and gathers their answers.
 */
export class Hub implements SubscriberBundle {
  readonly name: string;
  readonly #options: HubOptions;
  readonly #roster: Roster;
  readonly #phases: TwoPhases;
  /** By rollout; those that are not over. */
  readonly #rounds = new Map<string, Round>();
  #sources: HubSources = { find: () => undefined, describe: () => ({ status: 'ok' }) };
  #state: State | undefined;
  /** Undefined until the volume is checked: before, lastgood does not know what is rejected there. */
  #report: BundleState | undefined;
  readonly #reconnects: Reconnects;

  constructor(options: HubOptions) {
    this.name = options.name;
    this.#options = options;
    this.#reconnects = new Reconnects(options.clock);
    this.#roster = new Roster(options);
    this.#phases = new TwoPhases(this.#roster, options);
    this.#roster.onChange = (changed) => this.#advance(changed);
    this.#roster.onRemoved = (subscriber) => {
      options.schemas?.delete(subscriber.id);
      this.#noteFailedStart(subscriber);
    };
  }

  /** Before the first state. */
  connect(sources: HubSources): void {
    this.#sources = sources;
  }

  /** The socket has opened. */
  opened(): void {
    this.#reconnects.opened();
  }

  /** Ends its timers. */
  close(): void {
    this.#roster.close();
  }

  /** Follows the rollouts: called for each state that is journaled, before its effects start. */
  onState(state: State): void {
    const before = this.#state;
    this.#state = state;
    if (before === undefined && !isFirstStart(state)) this.#reconnects.expect();
    const live = liveRollouts(state);
    for (const rollout of this.#rounds.keys()) if (!live.has(rollout)) this.#rounds.delete(rollout);
    endRounds(this.#roster.all, state);
    if (before !== undefined && before.active !== state.active)
      noteActive(this.#roster.all, before, state);
    const isKnown = this.#report !== undefined || isChecked(state);
    const report = isKnown ? this.#sources.describe(state) : undefined;
    if (JSON.stringify(report) !== JSON.stringify(this.#report)) this.#report = report;
    this.#roster.wake();
  }

  /** Whether all could run on a version. Rejects only when the signal aborts. */
  async prepare(
    { rollout, version }: Pick<ReloadEvent, 'rollout' | 'version'>,
    signal: AbortSignal,
  ): Promise<Asked> {
    const round = this.#roundOf(rollout, version);
    try {
      await this.#reconnects.wait(signal);
      return await this.#phases.prepare(round, signal);
    } catch (error) {
      for (const each of this.#roster.all)
        if (isPreparing(each, round)) each.abort('a newer version is being checked');
      throw error;
    }
  }

  /** Has all of them switch to a version, or back to the last good one. Never rejects. */
  async deliver(event: ReloadEvent, preempted: AbortSignal): Promise<Outcome> {
    const { rollout, version, attempt } = event;
    await this.#reconnects.wait(preempted);
    const current = this.#state && rolloutOf(this.#state);
    if (event.reason !== 'rollback')
      return this.#phases.deliver(
        this.#roundOf(rollout, version),
        current?.needsRestart !== undefined,
        preempted,
      );
    const round = this.#rounds.get(rollout);
    if (round !== undefined) reopenRound(round);
    const reason = current?.failure?.findings[0]?.message ?? 'the rollout failed';
    return this.#phases.rollBack(rollout, this.#find(version), { reason, attempt, preempted });
  }

  /** Until no process is left that needs a restart for a version. Rejects only when the signal aborts. */
  async awaitRestart(
    { rollout, version }: Pick<ReloadEvent, 'rollout' | 'version'>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#reconnects.wait(signal);
    await this.#phases.awaitRestart(this.#roundOf(rollout, version), signal);
  }

  /** Why a process that came during the probation cannot run on the version; undefined when the signal aborts. */
  async refusal(signal: AbortSignal): Promise<Unconfirmed | undefined> {
    const { sealed } = this.#options;
    while (!signal.aborted) {
      const current = this.#state && rolloutOf(this.#state);
      const round = current?.failure === null ? this.#rounds.get(current.rollout) : undefined;
      // The next attempt, if there is one, may have other processes.
      const refusals = round?.refusals.splice(0) ?? [];
      const found = unconfirmed(refusals, round?.restarts ?? [], sealed);
      if (found !== undefined) return found;
      await this.#roster.changes(Infinity, signal);
    }
    return undefined;
  }

  readonly active = (): Snapshot | undefined => {
    return this.#state && this.#sources.find(findStartVersion(this.#state));
  };

  subscribe(request: SubscribeRequest, connection: Connection): Session | null {
    const isKnown = request.resume !== undefined && this.session(request.resume) !== undefined;
    // Its container has started again: those that needed a restart and are gone have had it.
    if (!isKnown && request.version === undefined)
      for (const each of this.#roster.all)
        if (needsRestart(each) && !each.isConnected) this.#roster.remove(each);
    const subscriber = this.#roster.add(request, connection);
    return subscriber === undefined ? null : this.#sessionOf(subscriber);
  }

  session(id: string): Session | undefined {
    const subscriber = this.#roster.find(id);
    return subscriber && this.#sessionOf(subscriber);
  }

  status(scrub = (words: string) => words): SubscribersStatus {
    return statusOf(this.#roster.all, scrub);
  }

  #sessionOf(subscriber: Subscriber): Session {
    const roster = this.#roster;
    return {
      id: subscriber.id,
      content: (version) => this.#contentFor(subscriber, version),
      ack: (ack) => this.#take(subscriber, ack),
      setSchemas: async (schemas) => (await this.#options.schemas?.set(subscriber, schemas)) ?? [],
      leave: () => roster.remove(subscriber),
      disconnected: (connection) => void roster.disconnected(subscriber, connection),
    };
  }

  #take(subscriber: Subscriber, ack: Ack): boolean {
    const isHere = this.#roster.find(subscriber.id) === subscriber;
    if (!isHere || !subscriber.take(ack)) return false;
    const { event, version, verdict, reasons = [] } = ack;
    this.#options.onAnswer?.({ event, version, verdict }, subscriber.label);
    this.#noteFailedStart(subscriber);
    const current = this.#state && rolloutOf(this.#state);
    const isCandidate = current?.failure === null && current.version === version;
    const answer = { verdict, reasons };
    if (event === 'start' && verdict !== 'accept' && isCandidate)
      this.#roundOf(current.rollout, version).refusals.push({ subscriber, answer });
    // One that needs a restart decides for others what they may start on.
    this.#roster.wake(verdict === 'restart' ? undefined : subscriber);
    return true;
  }

  /** A process has refused to start on the version before the one under way, or has ended over it. */
  #noteFailedStart(subscriber: Subscriber): void {
    const current = this.#state && rolloutOf(this.#state);
    if (!current || current.failure !== null) return;
    if (!hasFailedToStart(subscriber, current.version)) return;
    if (this.#roster.counted.length === 0)
      this.#roundOf(current.rollout, current.version).isStartedOn = true;
  }

  /** What an event has told it of, or what it runs on. */
  #contentFor(subscriber: Subscriber, version: Version): Snapshot | undefined {
    const { phase, runs } = subscriber;
    const isKnown = version === runs || (phase.name === 'unable' && version === phase.version);
    return subscriber.content(version) ?? (isKnown ? this.#sources.find(version) : undefined);
  }

  /** Tells each process what is due for it now. */
  #advance(changed?: Subscriber): void {
    this.#options.onCount?.(this.#roster.size);
    const state = this.#state;
    if (state === undefined) return;
    const round = this.#committedRound(state);
    for (const each of changed === undefined ? this.#roster.all : [changed]) {
      if (!each.isConnected) continue;
      if (each.phase.name === 'unable') this.#noteFailedStart(each);
      this.#offer(each, state);
      if (round !== undefined && !each.isBehind && !round.leftOut.has(each))
        this.#phases.welcome(each, round);
      each.report(this.#report);
    }
  }

  /** The round that others have switched to, and that the rest of the rollout waits for. */
  #committedRound(state: State): Round | undefined {
    const current = rolloutOf(state);
    if (current === null || current.failure !== null) return undefined;
    if (state.phase.name === 'committing') return undefined;
    // The delivery may have been that of a sidecar that was killed since.
    const isDelivered = stepOf(state.phase) === 'confirm' && current.reason !== 'start';
    const isKnown = this.#sources.find(current.version) !== undefined;
    if (isDelivered && isKnown) this.#roundOf(current.rollout, current.version).isCommitted = true;
    const round = this.#rounds.get(current.rollout);
    return round?.isCommitted ? round : undefined;
  }

  /** Sends `start` to a process that has no version yet, or is on another one than it should be. */
  #offer(subscriber: Subscriber, state: State): void {
    const { phase, runs, isBehind } = subscriber;
    const isOpen = phase.name === 'waiting' || phase.name === 'unable';
    if (!isOpen && !(phase.name === 'running' && isBehind)) return;
    const isStuck = this.#rounds.get(rolloutOf(state)?.rollout ?? '')?.isStartedOn;
    const version = this.#mustWait(subscriber, state)
      ? null
      : findStartVersion(state, { runs, isStuck });
    if (version === null || (phase.name === 'unable' && phase.version === version)) return;
    const snapshot = this.#sources.find(version);
    if (snapshot !== undefined) subscriber.start(snapshot);
  }

  /**
   * A process that starts while a version waits for a restart has most likely been restarted: the old
   * version would make it wait for the next restart, without end.
   */
  #mustWait({ runs }: Subscriber, state: State): boolean {
    if (runs !== undefined || state.phase.name !== 'pending-restart') return false;
    return !this.#roster.all.some((each) => needsRestart(each) && each.isConnected);
  }

  #roundOf(rollout: string, version: Version): Round {
    const known = this.#rounds.get(rollout);
    if (known !== undefined) return known;
    const before = this.#sources.find(this.#state?.active ?? null);
    const round = openRound(rollout, this.#find(version), before);
    this.#rounds.set(rollout, round);
    return round;
  }

  #find(version: Version): Snapshot {
    const snapshot = this.#sources.find(version);
    if (snapshot === undefined) throw new RangeError(`the content of ${version} is gone`);
    return snapshot;
  }
}
