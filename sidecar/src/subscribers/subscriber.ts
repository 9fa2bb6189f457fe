import type { Ack, BundleState, ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';
import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import type { Answer, Round } from './round.ts';
import type { Connection } from './subscription.ts';

/** What a subscriber does, by the last event that it got and its answer. */
type Phase =
  /** It has just started, and there is no version yet that it may run on. */
  | { readonly name: 'waiting' }
  /** Was sent `start`; it counts from its answer on. */
  | { readonly name: 'starting'; readonly snapshot: Snapshot; readonly sinceMs: number }
  /** Has refused to start on this version: it gets the next one. */
  | { readonly name: 'unable'; readonly version: Version }
  | { readonly name: 'running' }
  | {
      readonly name: 'preparing' | 'committing';
      readonly round: Round;
      readonly sinceMs: number;
      readonly answer: Answer | null;
    }
  | {
      readonly name: 'returning';
      readonly rollout: string;
      readonly snapshot: Snapshot;
      readonly reason: string;
      readonly sinceMs: number;
      readonly answer: Answer | null;
    };

/** One process that subscribes: what it runs on, the last event that it got, and its answer. */
export class Subscriber {
  readonly id: string;
  readonly name: string | undefined;
  /** Undefined: nothing yet. */
  runs: Version | undefined;
  /** It may run on something other than the active version, and no rollout will change that. */
  isBehind = false;
  phase: Phase = { name: 'waiting' };
  #connection: Connection | undefined;
  /** Ends the wait for a subscriber that has disconnected. */
  #back = new AbortController();
  /** What it must hear after a reconnect, although it is over. */
  #missed: ProtocolEvent | undefined;
  #report: BundleState | undefined;
  #hasStarted = false;
  readonly #nowMs: () => number;

  constructor(
    identity: Pick<Subscriber, 'id' | 'name' | 'runs'>,
    connection: Connection,
    nowMs: () => number,
  ) {
    this.id = identity.id;
    this.name = identity.name;
    this.runs = identity.runs;
    this.#connection = connection;
    this.#nowMs = nowMs;
    if (this.runs === undefined) return;
    this.phase = { name: 'running' };
    this.isBehind = true;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  /** As findings call it. */
  get label(): string {
    return `subscriber ${this.name ?? this.id}`;
  }

  /** Whether it takes part in rollouts: it runs on a version. */
  get counts(): boolean {
    const { name } = this.phase;
    return name !== 'waiting' && name !== 'starting' && name !== 'unable';
  }

  /** Whether it has answered `prepare` of this round so. */
  hasAnswered({ rollout }: Pick<Round, 'rollout'>, verdict?: Answer['verdict']): boolean {
    const { phase } = this;
    if (phase.name !== 'preparing' || phase.round.rollout !== rollout) return false;
    return phase.answer !== null && (verdict ?? phase.answer.verdict) === phase.answer.verdict;
  }

  /** Tells it what to be on, unless it knows. */
  start(snapshot: Snapshot): void {
    this.isBehind = false;
    const { version } = snapshot;
    const isKnown = this.#hasStarted && version === this.runs;
    this.#hasStarted = true;
    if (isKnown) return;
    this.phase =
      version === this.runs
        ? { name: 'running' }
        : { name: 'starting', snapshot, sinceMs: this.#nowMs() };
    this.#send({ event: 'start', data: { version } });
  }

  /** Replaces whatever it was asked to prepare before. */
  prepare(round: Round, timeoutMs: number): void {
    this.abort('a newer version is being prepared');
    this.phase = { name: 'preparing', round, sinceMs: this.#nowMs(), answer: null };
    this.#send(prepareEvent(round, timeoutMs));
  }

  /** Gives it the whole time again. */
  waitAgain(): void {
    if ('sinceMs' in this.phase) this.phase = { ...this.phase, sinceMs: this.#nowMs() };
  }

  commit(round: Round): void {
    this.phase = { name: 'committing', round, sinceMs: this.#nowMs(), answer: null };
    this.#send({ event: 'commit', data: { rollout: round.rollout, version: round.version } });
  }

  /** Lets go of what it was asked to prepare, if it was. */
  abort(reason: string): void {
    const { phase } = this;
    if (phase.name !== 'preparing') return;
    this.phase = { name: 'running' };
    const { rollout, version } = phase.round;
    const event = { event: 'abort', data: { rollout, version, reason } } as const;
    if (this.isConnected) this.#send(event);
    else this.#missed = event;
  }

  rollBack(rollout: string, snapshot: Snapshot, reason: string): void {
    this.abort(reason);
    const sinceMs = this.#nowMs();
    this.phase = { name: 'returning', rollout, snapshot, reason, sinceMs, answer: null };
    this.#send({ event: 'rollback', data: { rollout, version: snapshot.version, reason } });
  }

  /** Whatever it does is over. */
  settle(): void {
    this.phase = { name: this.runs === undefined ? 'waiting' : 'running' };
    this.isBehind = true;
  }

  /** Only if it is another object than the last one. */
  report(state: BundleState | undefined): void {
    if (state === undefined || state === this.#report) return;
    // One that waits has no version that could be good, and learns only why.
    if (this.phase.name === 'waiting' && state.status === 'ok') return;
    this.#report = state;
    this.#send({ event: 'state', data: state });
  }

  /** Whether it counted. */
  take(ack: Ack): boolean {
    const { phase } = this;
    switch (ack.event) {
      case 'start':
        if (phase.name !== 'starting' || phase.snapshot.version !== ack.version) return false;
        if (ack.verdict !== 'accept') this.phase = { name: 'unable', version: ack.version };
        else this.#runsOn(ack.version);
        return true;
      case 'prepare':
        if (phase.name !== 'preparing' || !isAbout(phase.round, ack)) return false;
        return this.#answer(ack);
      case 'commit':
        if (phase.name !== 'committing' || !isAbout(phase.round, ack)) return false;
        return this.#switched(ack);
      case 'rollback': {
        if (phase.name !== 'returning') return false;
        const { rollout, snapshot } = phase;
        return isAbout({ rollout, version: snapshot.version }, ack) && this.#switched(ack);
      }
    }
  }

  /** The content that an event has told it of; undefined if that is over. */
  content(version: Version): Snapshot | undefined {
    const { phase } = this;
    const snapshot =
      'round' in phase ? phase.round.snapshot : 'snapshot' in phase ? phase.snapshot : undefined;
    return snapshot?.version === version ? snapshot : undefined;
  }

  /** It has come back: tells it again what it has not answered. */
  resume(connection: Connection, runs: Version | undefined, timeoutMs: number): void {
    this.#connection?.close();
    this.#connection = connection;
    this.#back.abort();
    this.#report = undefined;
    if (this.#missed !== undefined) this.#send(this.#missed);
    this.#missed = undefined;
    if (runs !== undefined && runs !== this.runs && this.phase.name === 'running') {
      this.runs = runs;
      this.isBehind = true;
    }
    this.#tellAgain(timeoutMs);
  }

  /** Undefined if it has another connection already. The signal aborts when it is back. */
  disconnected(connection: Connection): AbortSignal | undefined {
    if (connection !== this.#connection) return undefined;
    this.#connection = undefined;
    this.#back = new AbortController();
    return this.#back.signal;
  }

  close(): void {
    this.#back.abort();
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** What it has not answered. The time that it has for it goes on. */
  #tellAgain(timeoutMs: number): void {
    const { phase } = this;
    if (!('sinceMs' in phase) || ('answer' in phase && phase.answer !== null)) return;
    // It may be another version by now.
    if (phase.name === 'starting') {
      this.settle();
      return;
    }
    if (phase.name === 'preparing') this.#send(prepareEvent(phase.round, timeoutMs));
    else if (phase.name === 'returning') this.rollBack(phase.rollout, phase.snapshot, phase.reason);
    else this.commit(phase.round);
    this.phase = phase;
  }

  #runsOn(version: Version): void {
    this.runs = version;
    this.phase = { name: 'running' };
  }

  #answer({ verdict, reasons }: Ack): boolean {
    const { phase } = this;
    if (!('answer' in phase) || phase.answer !== null) return false;
    this.phase = { ...phase, answer: { verdict, reasons: reasons ?? [] } };
    return true;
  }

  #switched(ack: Ack): boolean {
    if (!this.#answer(ack)) return false;
    if (ack.verdict !== 'accept') return true;
    this.#runsOn(ack.version);
    this.isBehind = false;
    return true;
  }

  #send(event: ProtocolEvent): void {
    this.#connection?.send(event);
  }
}

function isAbout(told: Pick<Round, 'rollout' | 'version'>, { rollout, version }: Ack): boolean {
  return told.rollout === rollout && told.version === version;
}

function prepareEvent(round: Round, timeoutMs: number): ProtocolEvent {
  const { rollout, version, previous, reason, changed } = round;
  return {
    event: 'prepare',
    data: { rollout, version, previous, reason, changed, timeoutMs },
  };
}
