import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import {
  isCommitting,
  isElsewhere,
  isFree,
  isOn,
  isPreparing,
  isPreparingOther,
  isReturning,
} from './conditions.ts';
import { ACCEPTED, type Asked, absent, busyOutcome, type Outcome, PREEMPTED } from './outcome.ts';
import {
  type Attempt,
  type Codes,
  conclude,
  DELIVER,
  msLeft,
  PREPARE,
  type Progress,
  readProgress,
} from './progress.ts';
import type { Roster } from './roster.ts';
import type { Respondent, Round } from './round.ts';
import type { Subscriber } from './subscriber.ts';

/** A process that was restarted may be connected for this much longer. */
const ENDING_MS = 1_000;

export interface TwoPhasesOptions {
  readonly clock: Clock;
  readonly min: number;
  readonly prepareTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** What a subscriber that is late or lost does to the rollout. */
  readonly unanswered: 'fault' | 'ignore';
  /** The bundle has secrets (P8): the words of the app are not shown. */
  readonly sealed: boolean;
}

interface Return {
  readonly reason: string;
  /** From 1. */
  readonly attempt: number;
  /** Ends the waiting. */
  readonly preempted: AbortSignal;
}

/**
 * Asks all subscribers of a bundle, then tells all of them to switch, or none (P5). A process does one
 * thing at a time: a switch or a rollback in hand ends first; a version under check comes before
 * an older one that no process has switched to (P6).
 */
export class TwoPhases {
  readonly #roster: Roster;
  readonly #options: TwoPhasesOptions;
  /** A switch or a rollback is in hand. */
  #isSwitching = false;

  constructor(roster: Roster, options: TwoPhasesOptions) {
    this.#roster = roster;
    this.#options = options;
  }

  /**
   * The first phase for the `prepare` step: asks those that run now. With fewer than `min` it
   * asks none. Rejects only when the signal aborts.
   */
  async prepare(round: Round, signal: AbortSignal): Promise<Asked> {
    const { min, prepareTimeoutMs, clock } = this.#options;
    await this.#roster.untilStarted(signal);
    const asked = new Set(this.#roster.counted);
    if (asked.size < min) return ACCEPTED;
    const attempt = this.#attempt(PREPARE, prepareTimeoutMs);
    for (;;) {
      signal.throwIfAborted();
      const members = this.#members(round).filter((each) => asked.has(each));
      let waitMs = Infinity;
      if (!this.#isSwitching) {
        for (const each of members) if (isFree(each, round, true)) this.#ask(each, round);
        const progress = this.#askedSoFar(round, members, attempt);
        const outcome = this.#outcome(attempt, progress, round);
        if (outcome !== undefined) return outcome;
        waitMs = msLeft(attempt, progress, clock.nowMs());
      }
      await this.#roster.changes(waitMs, signal);
    }
  }

  /**
   * Asks each process that has not prepared this round yet, then tells all to switch and waits until they have.
   * `preempted` ends the waiting before the switch. `isRestarted`: processes that needed a restart got
   * one. Never rejects.
   */
  async deliver(round: Round, isRestarted: boolean, preempted: AbortSignal): Promise<Outcome> {
    const { min, prepareTimeoutMs, clock } = this.#options;
    round.lost.length = 0;
    round.restarts.length = 0;
    await this.#roster.untilStarted(preempted);
    const attempt = this.#attempt(DELIVER, prepareTimeoutMs, isRestarted ? ENDING_MS : 0);
    for (const each of this.#roster.counted) if (isPreparing(each, round)) each.waitAgain();
    // The processes that were to switch may have ended before they did.
    round.isCommitted &&= this.#roster.counted.some(
      (each) => isOn(each, round.version) || isCommitting(each, round),
    );
    while (!preempted.aborted) {
      const members = this.#members(round);
      const isSound = round.refusals.length + this.#lost(round).length === 0;
      if (members.length < min && isSound) return this.#absent(members.length);
      for (const each of members) if (isFree(each, round, false)) this.#ask(each, round);
      const progress = this.#askedSoFar(round, members, attempt);
      const outcome = this.#outcome(attempt, progress, round);
      // No await between the last answer and the switch: no process can come in between.
      if (outcome === ACCEPTED) return this.#commit(round, members);
      if (outcome !== undefined) return outcome;
      await this.#roster.changes(msLeft(attempt, progress, clock.nowMs()), preempted);
    }
    return PREEMPTED;
  }

  /**
   * Brings every subscriber back to the last good version. If one has refused that and prepares a newer
   * version meanwhile, it may end that first. Never rejects.
   */
  async rollBack(
    rollout: string,
    snapshot: Snapshot,
    { reason, attempt: tries, preempted }: Return,
  ): Promise<Outcome> {
    const { prepareTimeoutMs, drainTimeoutMs, clock } = this.#options;
    const { version } = snapshot;
    const busy = this.#roster.all.filter(
      (each) => isElsewhere(each, version) && isPreparingOther(each, rollout),
    );
    if (tries > 1 && busy.length > 0) return busyOutcome(DELIVER.fault, busy);
    const attempt = this.#attempt(DELIVER, prepareTimeoutMs + drainTimeoutMs);
    const ignored = new Set<Subscriber>();
    const tell = (each: Subscriber) => each.rollBack(rollout, snapshot, reason);
    this.#isSwitching = true;
    try {
      // Who has refused, or was late, gets another chance in each attempt.
      this.#roster.all.filter(isReturning).forEach(tell);
      while (!preempted.aborted) {
        const told = this.#roster.all.filter((each) => !ignored.has(each));
        told.filter((each) => isElsewhere(each, version)).forEach(tell);
        const progress = this.#returnedSoFar(told.filter(isReturning), attempt, ignored);
        const outcome = this.#conclude(attempt, progress, []);
        if (outcome === ACCEPTED) return this.#enough(version);
        if (outcome !== undefined) return outcome;
        await this.#roster.changes(msLeft(attempt, progress, clock.nowMs()), preempted);
      }
      return PREEMPTED;
    } finally {
      this.#isSwitching = false;
      this.#roster.wake();
    }
  }

  /** Until no process is left that needs a restart for this round. Rejects only when the signal aborts. */
  async awaitRestart(round: Round, signal: AbortSignal): Promise<void> {
    const { clock, prepareTimeoutMs } = this.#options;
    const attempt = this.#attempt(PREPARE, prepareTimeoutMs);
    for (;;) {
      signal.throwIfAborted();
      const members = this.#members(round);
      for (const each of members) if (isFree(each, round, false)) this.#ask(each, round);
      const open = members.filter((each) => !isOn(each, round.version));
      // One that is late must not keep those that start from a version: the delivery deals with it.
      const { restarts, pendingUntilMs } = readProgress(open, attempt, clock.nowMs(), round);
      if (restarts.length === 0 && pendingUntilMs.length === 0) return;
      const waitMs = msLeft(attempt, { pendingUntilMs }, clock.nowMs());
      await this.#roster.changes(waitMs, signal);
    }
  }

  /** Asks one that came after the others have switched, and lets it switch by itself. */
  welcome(subscriber: Subscriber, round: Round): void {
    const { phase } = subscriber;
    if (isFree(subscriber, round, false)) this.#ask(subscriber, round);
    if (phase.name !== 'preparing' || phase.round !== round || phase.answer === null) return;
    const { answer } = phase;
    switch (answer.verdict) {
      case 'accept':
        subscriber.commit(round);
        break;
      case 'reject':
        round.refusals.push({ subscriber, answer });
        this.#leaveOut(subscriber, round, 'it did not accept the version');
        break;
      case 'restart':
        if (!round.restarts.some((each) => each.subscriber === subscriber))
          round.restarts.push({ subscriber, answer });
    }
  }

  /** The second phase: tells all that have accepted to switch, and lets them finish whatever comes. */
  async #commit(round: Round, members: readonly Subscriber[]): Promise<Outcome> {
    const { drainTimeoutMs, clock } = this.#options;
    const attempt = this.#attempt(DELIVER, drainTimeoutMs);
    this.#isSwitching = true;
    round.isCommitted = true;
    try {
      for (const each of members)
        if (each.hasAnswered(round, 'accept') || isCommitting(each, round)) each.commit(round);
      for (;;) {
        const told = this.#members(round).filter((each) => isCommitting(each, round));
        const progress = this.#progress(told, attempt, round);
        const outcome = this.#outcome(attempt, progress, round);
        if (outcome === ACCEPTED) return this.#enough(round.version);
        if (outcome !== undefined) return outcome;
        await this.#roster.changes(msLeft(attempt, progress, clock.nowMs()));
      }
    } finally {
      this.#isSwitching = false;
      this.#roster.wake();
    }
  }

  #ask(subscriber: Subscriber, round: Round): void {
    subscriber.prepare(round, this.#options.prepareTimeoutMs);
  }

  #members(round: Round): readonly Subscriber[] {
    return this.#roster.counted.filter((each) => !round.leftOut.has(each));
  }

  #attempt(codes: Codes, timeoutMs: number, endingMs = 0): Attempt {
    const restartsCountFromMs = this.#options.clock.nowMs() + endingMs;
    return { codes, timeoutMs, restartsCountFromMs, certainMs: Infinity };
  }

  /** Of the first phase: a process that runs on the version, or got `commit`, has nothing to answer. */
  #askedSoFar(round: Round, members: readonly Subscriber[], attempt: Attempt): Progress {
    const open = members.filter((each) => !isCommitting(each, round) && !isOn(each, round.version));
    return this.#progress(open, attempt, round);
  }

  /** Leaves out those that are late, where the settings ignore that. */
  #progress(told: readonly Subscriber[], attempt: Attempt, round: Round): Progress {
    const progress = readProgress(told, attempt, this.#options.clock.nowMs(), round);
    if (this.#options.unanswered === 'fault') return progress;
    for (const each of progress.late) this.#leaveOut(each, round, 'it did not answer in time');
    return { ...progress, late: [] };
  }

  #leaveOut(subscriber: Subscriber, round: Round, reason: string): void {
    round.leftOut.add(subscriber);
    subscriber.abort(reason);
  }

  #returnedSoFar(
    told: readonly Subscriber[],
    attempt: Attempt,
    ignored: Set<Subscriber>,
  ): Progress {
    const progress = readProgress(told, attempt, this.#options.clock.nowMs());
    if (this.#options.unanswered === 'fault') return progress;
    for (const each of progress.late) ignored.add(each);
    return { ...progress, late: [] };
  }

  /** Undefined: not yet. */
  #outcome(attempt: Attempt, progress: Progress, round: Round): Asked | undefined {
    const refusals = [...progress.refusals, ...round.refusals];
    return this.#conclude(attempt, { ...progress, refusals }, this.#lost(round));
  }

  #lost({ lost }: Round): readonly Respondent[] {
    return this.#options.unanswered === 'fault' ? lost : [];
  }

  #conclude(attempt: Attempt, progress: Progress, lost: readonly Respondent[]): Asked | undefined {
    const { clock, sealed } = this.#options;
    return conclude(attempt, { ...progress, lost }, { nowMs: clock.nowMs(), sealed });
  }

  #enough(version: Snapshot['version']): Outcome {
    const there = this.#roster.counted.filter(({ runs, phase }) => {
      // It may prepare another version meanwhile.
      return runs === version && (phase.name === 'running' || phase.name === 'preparing');
    }).length;
    return there < this.#options.min ? this.#absent(there) : ACCEPTED;
  }

  #absent(there: number): Outcome {
    const { min } = this.#options;
    const count = there === 0 ? 'no process runs' : `${there} of ${min} processes run`;
    return absent(`${count} on the version`);
  }
}
