import { reasonOf } from '@lastgood/core/model/error.ts';
import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { Ack, ProtocolEvent } from '@lastgood/core/model/sdk-protocol.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { askSubscriber } from '../ask-subscriber.ts';
import type { Answer, BundleVersion, Subscriber } from '../provider.ts';
import { waitAfter } from './waits.ts';

export interface RolloutsOptions {
  readonly subscriber: Subscriber;
  /** The files of a version. Undefined if the sidecar does not need it any more. */
  readonly fetch: (version: Version, signal: AbortSignal) => Promise<BundleVersion | undefined>;
  readonly acknowledge: (ack: Ack) => void;
  /** The version that the app starts on. */
  readonly onFirst: (version: BundleVersion) => void;
  /** Why a version cannot be fetched at the moment; undefined once it can. */
  readonly onProblem: (reason: string | undefined) => void;
}

interface RolloutVersion {
  readonly rollout: string;
  readonly version: Version;
}

/** A version that the app prepares, or has prepared. */
interface Attempt extends RolloutVersion {
  readonly reason: ReloadReason;
  readonly control: AbortController;
  /** The event that says to take it. Undefined: the app prepares it, and waits. */
  take: 'start' | 'commit' | 'rollback' | undefined;
  /** Of the app, once it has prepared it. */
  answer: Answer | undefined;
}

/** An answer has at most 64 KiB as JSON. Source: docs/protocol.md. */
const MAX_REASONS_BYTES = 63 * 2 ** 10;

const ACCEPT: Answer = { verdict: 'accept' };

/** Does what the events of the sidecar say, and answers them. At most one version is on its way. */
export class Rollouts {
  readonly #options: RolloutsOptions;
  /** What the app runs on, or starts on. */
  #active: Version | undefined;
  #isRunning = false;
  /** Ends the fetch of the version that the app starts on. */
  #first: AbortController | undefined;
  #attempt: Attempt | undefined;

  constructor(options: RolloutsOptions) {
    this.#options = options;
  }

  /** What the app runs on, or starts on. */
  get active(): Version | undefined {
    return this.#active;
  }

  /** What the app runs on. Undefined while it starts. */
  get running(): Version | undefined {
    return this.#isRunning ? this.#active : undefined;
  }

  /** The app runs on the version that it started on, or cannot. */
  started(answer: Answer): void {
    if (this.#active === undefined) return;
    this.#isRunning = true;
    this.#acknowledge('start', { version: this.#active }, answer);
  }

  follow(event: ProtocolEvent): void {
    if (event.event === 'start') this.#start(event.data.version);
    else if (event.event === 'prepare') this.#prepare(event.data, event.data.reason);
    else if (event.event === 'commit') this.#commit(event.data);
    else if (event.event === 'rollback') this.#take(event.data, 'rollback');
    else if (event.event === 'abort' && event.data.rollout === this.#attempt?.rollout)
      this.#giveUp(event.data.reason);
  }

  /** Lets go of all that is not decided: the sidecar does not know of it any more. */
  reset(why: string): void {
    this.#first?.abort();
    this.#giveUp(why);
  }

  #start(version: Version): void {
    if (this.#active === undefined) void this.#fetchFirst(version);
    else if (version !== this.#active)
      this.#take({ rollout: `start-${version}`, version }, 'start');
    // An app that still starts answers when it runs.
    else if (this.#isRunning) this.#acknowledge('start', { version }, ACCEPT);
  }

  #prepare(candidate: RolloutVersion, reason: ReloadReason): void {
    const attempt = this.#attempt;
    if (attempt?.rollout !== candidate.rollout) this.#begin(candidate, reason);
    // The sidecar is not sure whether the app got the first one.
    else if (attempt.answer !== undefined) this.#settle(attempt, attempt.answer);
  }

  #commit(candidate: RolloutVersion): void {
    const attempt = this.#attempt;
    // The app was away meanwhile, and does not know it.
    if (attempt?.rollout !== candidate.rollout) this.#take(candidate, 'commit');
    else {
      attempt.take = 'commit';
      if (attempt.answer !== undefined) this.#settle(attempt, attempt.answer);
    }
  }

  #take(candidate: RolloutVersion, event: 'start' | 'commit' | 'rollback'): void {
    const { take, rollout, version } = this.#attempt ?? {};
    const isSame = version === candidate.version && rollout === candidate.rollout;
    // After a reconnect, the sidecar sends again what has no answer yet.
    if (take === event && isSame) return;
    const reason = event === 'rollback' ? 'rollback' : 'changed';
    if (candidate.version !== this.#active) this.#begin(candidate, reason, event);
    else {
      this.#giveUp('the app keeps its version');
      this.#acknowledge(event, candidate, ACCEPT);
    }
  }

  #begin({ rollout, version }: RolloutVersion, reason: ReloadReason, take?: Attempt['take']): void {
    this.#giveUp('a newer version has come');
    const control = new AbortController();
    const attempt: Attempt = { rollout, version, reason, control, take, answer: undefined };
    this.#attempt = attempt;
    void this.#run(attempt);
  }

  /** Never rejects. */
  async #run(attempt: Attempt): Promise<void> {
    const { rollout, version, reason, control } = attempt;
    const content = await this.#fetch(version, control.signal);
    if (this.#attempt !== attempt) return;
    if (content === undefined) {
      this.#attempt = undefined;
      return;
    }
    const { subscriber } = this.#options;
    const candidate = { ...content, rollout, reason };
    const answer = await askSubscriber(subscriber, candidate, control.signal);
    if (this.#attempt === attempt) this.#settle(attempt, answer);
  }

  /** Answers the newest event about a version that the app has prepared, and takes the version if it says so. */
  #settle(attempt: Attempt, answer: Answer): void {
    attempt.answer = answer;
    const isTaken = attempt.take !== undefined && answer.verdict === 'accept';
    if (attempt.take !== undefined || answer.verdict !== 'accept') this.#attempt = undefined;
    if (isTaken) {
      this.#active = attempt.version;
      this.#options.subscriber.commit(attempt.rollout);
    }
    this.#acknowledge(attempt.take ?? 'prepare', attempt, answer);
  }

  #giveUp(why: string): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#attempt = undefined;
    attempt.control.abort(new Error(why));
    this.#options.subscriber.abort(attempt.rollout, why);
  }

  async #fetchFirst(version: Version): Promise<void> {
    this.#first?.abort();
    const first = new AbortController();
    this.#first = first;
    const content = await this.#fetch(version, first.signal);
    if (content === undefined || first.signal.aborted) return;
    this.#active = version;
    this.#options.onFirst(content);
  }

  /** Tries until it is there. Undefined: it is given up, or the sidecar does not need it any more. */
  async #fetch(version: Version, signal: AbortSignal): Promise<BundleVersion | undefined> {
    try {
      for (let failures = 1; !signal.aborted; failures += 1)
        try {
          return await this.#options.fetch(version, signal);
        } catch (error) {
          if (!signal.aborted) this.#options.onProblem(reasonOf(error));
          await waitAfter(failures, signal);
        }
      return undefined;
    } finally {
      this.#options.onProblem(undefined);
    }
  }

  #acknowledge(
    event: Ack['event'],
    { rollout, version }: Partial<RolloutVersion> & Pick<RolloutVersion, 'version'>,
    answer: Answer,
  ): void {
    const isKnown = event !== 'start' && rollout !== undefined;
    const reasons = 'reasons' in answer ? { reasons: fit(answer.reasons) } : {};
    const { verdict } = answer;
    this.#options.acknowledge({
      event,
      version,
      ...(isKnown ? { rollout } : {}),
      verdict,
      ...reasons,
    });
  }
}

/** The first reasons, as many as the sidecar reads. */
function fit(reasons: readonly string[]): readonly string[] {
  let leftBytes = MAX_REASONS_BYTES;
  return reasons.filter((reason) => {
    leftBytes -= Buffer.byteLength(JSON.stringify(reason)) + 1;
    return leftBytes >= 0;
  });
}
