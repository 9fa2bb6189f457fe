import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Verdict } from '@lastgood/core/model/finding.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import type { Observation, Probe } from './probe.ts';

/** The first wait; each further one is twice as long, up to the maximum. */
const FIRST_POLL_MS = 20;
const MAX_POLL_MS = 500;

/** A shorter wait for the proof is not worth a message. */
const SOON_MS = 5_000;

const TOO_SHORT = 'it was good, but not for as long as confirm.hold requires';

export interface ConfirmOptions {
  readonly probe: Probe;
  readonly withinMs: number;
  readonly holdMs: number;
  readonly clock: Clock;
}

export interface Probation {
  /** A key for one direction of a rollout: its rollback has another one. */
  readonly rollout: string;
  readonly version: Version;
  /** The deadline starts with the first response of the app, which may still be starting. */
  readonly waitForFirstResponse: boolean;
  /** Ends the probation; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /**
   * Called after each observation once the proof is late: with what is missing, or null while the
   * observations are good.
   */
  readonly onWaiting: (finding: Finding | null) => void;
}

/**
 * Holds a version on probation. Accepts it when every observation was good for `holdMs`; rejects it
 * when that has not happened within `withinMs`, or cannot happen any more.
 */
export function createConfirm(options: ConfirmOptions): (probation: Probation) => Promise<Verdict> {
  const { probe, withinMs, holdMs, clock } = options;
  return async ({ rollout, version, waitForFirstResponse, signal, onWaiting }) => {
    const startedMs = clock.nowMs();
    const proof = new Proof(options, waitForFirstResponse ? Infinity : startedMs + withinMs);
    let isFirst = true;
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 2, MAX_POLL_MS)) {
      const seen = await probe.observe({ rollout, version, isFirst, signal });
      isFirst = false;
      signal.throwIfAborted();
      const nowMs = clock.nowMs();
      const verdict = proof.add(seen, nowMs);
      if (verdict !== undefined) return verdict;
      if (nowMs - startedMs > Math.max(holdMs, SOON_MS))
        onWaiting(seen.type === 'good' ? null : waitingFor(seen.reason, proof.leftMs(nowMs)));
      const leftMs = Math.min(pollMs, proof.holdLeftMs(nowMs), proof.leftMs(nowMs));
      await clock.sleep(Math.max(1, leftMs), signal);
    }
  };
}

/** What the observations of a probation prove so far. */
class Proof {
  readonly #holdMs: number;
  readonly #withinMs: number;
  #deadlineMs: number;
  #goodSinceMs: number | undefined;
  #reason = 'the app has not responded yet';

  /** A deadline of Infinity starts with the first response. */
  constructor({ holdMs, withinMs }: ConfirmOptions, deadlineMs: number) {
    this.#holdMs = holdMs;
    this.#withinMs = withinMs;
    this.#deadlineMs = deadlineMs;
  }

  /** The verdict, or undefined if more observations are needed. */
  add(seen: Observation, nowMs: number): Verdict | undefined {
    if (seen.type === 'bad' && seen.isFinal) return rejected('', seen.reason);
    if (this.#deadlineMs === Infinity && seen.type !== 'absent')
      this.#deadlineMs = nowMs + this.#withinMs;
    if (seen.type === 'good') this.#goodSinceMs ??= nowMs;
    else {
      this.#goodSinceMs = undefined;
      this.#reason = seen.reason;
    }
    if (this.holdLeftMs(nowMs) <= 0) return { accepted: true, findings: [] };
    if (this.leftMs(nowMs) > 0) return undefined;
    const why = this.#goodSinceMs === undefined ? this.#reason : TOO_SHORT;
    return rejected(` within ${formatDuration(this.#withinMs)}`, why);
  }

  /** Until the deadline. */
  leftMs(nowMs: number): number {
    return this.#deadlineMs - nowMs;
  }

  /** Until the observations have been good for long enough; Infinity while they are not good. */
  holdLeftMs(nowMs: number): number {
    return this.#goodSinceMs === undefined ? Infinity : this.#goodSinceMs + this.#holdMs - nowMs;
  }
}

function rejected(within: string, why: string): Verdict {
  return { accepted: false, findings: [findingOf('LG_CONFIRM_FAILED', [within, why])] };
}

function waitingFor(missing: string, leftMs: number): Finding {
  const left = leftMs === Infinity ? 'still waiting' : `${Math.ceil(leftMs / 1000)} s are left`;
  return warningOf('LG_CONFIRM_WAITING', [missing, left]);
}
