import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Verdict } from '@lastgood/core/model/finding.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Probe } from './probe.ts';

/** The first look comes at once; then the waits double from here … */
const FIRST_POLL_MS = 20;
/** … to here. */
const MAX_POLL_MS = 500;

/** A proof that comes sooner is not waited for in a way that anybody need know of. */
const SOON_MS = 5_000;

const TOO_SHORT = 'it was good, but not for as long as confirm.hold asks';

export interface ConfirmOptions {
  readonly probe: Probe;
  readonly withinMs: number;
  readonly holdMs: number;
  readonly clock: Clock;
}

export interface Probation {
  /** Tells a rollout's way there, its way back and other rollouts apart. */
  readonly rollout: string;
  readonly version: Version;
  /** The deadline only starts when the app answers at all: it may still be starting. */
  readonly waitForFirstResponse: boolean;
  /** Ends the probation; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /**
   * Called after each look once the proof takes longer than it should: with what it lacks, or null
   * while the looks are good.
   */
  readonly onWaiting: (finding: Finding | null) => void;
}

/**
 * Holds a version on probation: accepts when every look was good for `holdMs` without a break,
 * rejects when that has not come about within `withinMs`, or can no more.
 */
export function createConfirm(options: ConfirmOptions): (probation: Probation) => Promise<Verdict> {
  const { probe, withinMs, holdMs, clock } = options;
  return async ({ rollout, version, waitForFirstResponse, signal, onWaiting }) => {
    const startedMs = clock.nowMs();
    let deadlineMs = waitForFirstResponse ? Infinity : startedMs + withinMs;
    let goodSinceMs: number | undefined;
    let reason = 'the app has not answered yet';
    let isFirst = true;
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 2, MAX_POLL_MS)) {
      const look = await probe.look({ rollout, version, isFirst, signal });
      isFirst = false;
      signal.throwIfAborted();
      const nowMs = clock.nowMs();
      if (look.type === 'bad' && look.isFinal) return rejected('', look.reason);
      if (deadlineMs === Infinity && look.type !== 'absent') deadlineMs = nowMs + withinMs;
      if (look.type === 'good') goodSinceMs ??= nowMs;
      else {
        goodSinceMs = undefined;
        reason = look.reason;
      }
      const heldMs = goodSinceMs === undefined ? 0 : nowMs - goodSinceMs;
      if (goodSinceMs !== undefined && heldMs >= holdMs) return { accepted: true, findings: [] };
      if (nowMs >= deadlineMs) {
        const why = goodSinceMs === undefined ? reason : TOO_SHORT;
        return rejected(` within ${shownMs(withinMs)}`, why);
      }
      if (nowMs - startedMs > Math.max(holdMs, SOON_MS))
        onWaiting(look.type === 'good' ? null : waitingFor(look.reason, deadlineMs - nowMs));
      const holdLeftMs = goodSinceMs === undefined ? Infinity : holdMs - heldMs;
      await clock.sleep(Math.max(1, Math.min(pollMs, holdLeftMs, deadlineMs - nowMs)), signal);
    }
  };
}

function rejected(within: string, why: string): Verdict {
  return { accepted: false, findings: [findingOf('LG_CONFIRM_FAILED', [within, why])] };
}

function waitingFor(lacks: string, leftMs: number): Finding {
  const left =
    leftMs === Infinity ? 'the proof is waited for' : `${Math.ceil(leftMs / 1000)} s are left`;
  return warningOf('LG_CONFIRM_WAITING', [lacks, left]);
}

function shownMs(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}
