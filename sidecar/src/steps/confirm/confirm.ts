import { backoff } from '@lastgood/core/model/backoff.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Verdict } from '@lastgood/core/model/finding.ts';
import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import type { Observation, Probe } from './probe.ts';

/** The waits between observations. */
const POLLS = { backoffMs: 20, maxMs: 500 };

/** A shorter wait for the proof is not worth a message. */
const SOON_MS = 5_000;

/** By how much Node may end a sleep too soon. */
const EARLY_MS = 2;

const TOO_SHORT = 'it was good, but not for as long as confirm.hold requires';

export interface ConfirmOptions {
  readonly probe: Probe;
  readonly withinMs: number;
  readonly holdMs: number;
  readonly clock: Clock;
}

/**
 * `isAbsent`: rejected because the app never responded. `needsRestart`: because an app that has started
 * meanwhile cannot change while it runs.
 */
export type ConfirmVerdict = Verdict & { readonly isAbsent?: true; readonly needsRestart?: true };

export interface Probation {
  /** A key for one direction of a rollout: its rollback has another one. */
  readonly rollout: string;
  readonly version: Version;
  /** Its content; undefined if lastgood does not read it. */
  readonly snapshot?: Snapshot | undefined;
  readonly isRollback?: boolean;
  /** The deadline starts with the first response of the app, which may still be starting. */
  readonly waitForFirstResponse: boolean;
  /** How long to wait for it; undefined: without end. */
  readonly maxAbsenceMs?: number | undefined;
  /** Ends the probation; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called after each observation once the proof is late; null while the observations are good. */
  readonly onWaiting: (finding: Finding | null) => void;
}

/**
 * Holds a version on probation. Accepts it when every observation was good for `holdMs`; rejects it
 * when that has not happened within `withinMs`, or cannot happen any more.
 */
export function createConfirm(
  options: ConfirmOptions,
): (probation: Probation) => Promise<ConfirmVerdict> {
  const { probe, withinMs, holdMs, clock } = options;
  return async (probation) => {
    const { waitForFirstResponse, maxAbsenceMs = Infinity, onWaiting, ...observed } = probation;
    const { signal } = observed;
    const startedMs = clock.nowMs();
    const proof = createProof(options, waitForFirstResponse ? Infinity : startedMs + withinMs);
    for (let polls = 1; ; polls++) {
      const isFirst = polls === 1;
      const beganMs = clock.nowMs();
      const seen = await probe.observe({ ...observed, isFirst });
      signal.throwIfAborted();
      const nowMs = clock.nowMs();
      const verdict = proof.add(seen, beganMs, nowMs);
      if (verdict !== undefined) return verdict;
      if (proof.leftMs(nowMs) === Infinity && nowMs - startedMs >= maxAbsenceMs)
        return { ...proof.reject(maxAbsenceMs), isAbsent: true };
      if (nowMs - startedMs > Math.max(holdMs, SOON_MS))
        onWaiting(seen.type === 'good' ? null : waitingFor(seen.reason, proof.leftMs(nowMs)));
      const leftMs = Math.min(backoff(polls, POLLS), proof.holdLeftMs(nowMs), proof.leftMs(nowMs));
      await clock.sleep(Math.max(1, leftMs), signal);
    }
  };
}

/** What the observations of a probation prove. A deadline of Infinity starts with the first response. */
function createProof({ holdMs, withinMs }: ConfirmOptions, deadlineMs: number) {
  let untilMs = deadlineMs;
  let goodSinceMs: number | undefined;
  let reason = 'the app has not responded yet';
  /** Until the deadline. */
  const leftMs = (nowMs: number) => untilMs - nowMs;
  /** Until the observations have been good for long enough; Infinity while they are not good. */
  const holdLeftMs = (nowMs: number) => (goodSinceMs ?? Infinity) + holdMs - nowMs;
  const reject = (afterMs: number) =>
    rejected(` within ${formatDuration(afterMs)}`, goodSinceMs === undefined ? reason : TOO_SHORT);
  /** The verdict, or undefined if more observations are needed. */
  const add = (seen: Observation, beganMs: number, nowMs: number): Verdict | undefined => {
    if (seen.type === 'bad' && seen.isFinal) return rejected('', seen.reason);
    if (untilMs === Infinity && seen.type !== 'absent') untilMs = nowMs + withinMs;
    if (seen.type === 'good') {
      // Its first probe may have looked long before the last one had its response, so what a later
      // observation shows is as old as its beginning.
      const seenMs = goodSinceMs === undefined ? nowMs : beganMs;
      goodSinceMs ??= nowMs;
      if (holdLeftMs(seenMs) <= EARLY_MS) return { accepted: true, findings: seen.findings ?? [] };
    } else {
      goodSinceMs = undefined;
      reason = seen.reason;
    }
    if (leftMs(nowMs) > 0) return undefined;
    return reject(withinMs);
  };
  return { add, leftMs, holdLeftMs, reject };
}

function rejected(within: string, why: string): Verdict {
  return { accepted: false, findings: [findingOf('LG_CONFIRM_FAILED', [within, why])] };
}

function waitingFor(reason: string, leftMs: number): Finding {
  const left = leftMs === Infinity ? 'still waiting' : `${Math.ceil(leftMs / 1000)} s are left`;
  return warningOf('LG_CONFIRM_WAITING', [reason, left]);
}
