import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Verdict } from '@lastgood/core/model/finding.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import type { Probe } from './probe.ts';

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
    let deadlineMs = waitForFirstResponse ? Infinity : startedMs + withinMs;
    let goodSinceMs: number | undefined;
    let reason = 'the app has not responded yet';
    let isFirst = true;
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 2, MAX_POLL_MS)) {
      const seen = await probe.observe({ rollout, version, isFirst, signal });
      isFirst = false;
      signal.throwIfAborted();
      const nowMs = clock.nowMs();
      if (seen.type === 'bad' && seen.isFinal) return rejected('', seen.reason);
      if (deadlineMs === Infinity && seen.type !== 'absent') deadlineMs = nowMs + withinMs;
      if (seen.type === 'good') goodSinceMs ??= nowMs;
      else {
        goodSinceMs = undefined;
        reason = seen.reason;
      }
      const heldMs = goodSinceMs === undefined ? 0 : nowMs - goodSinceMs;
      if (goodSinceMs !== undefined && heldMs >= holdMs) return { accepted: true, findings: [] };
      if (nowMs >= deadlineMs) {
        const why = goodSinceMs === undefined ? reason : TOO_SHORT;
        return rejected(` within ${formatDuration(withinMs)}`, why);
      }
      if (nowMs - startedMs > Math.max(holdMs, SOON_MS))
        onWaiting(seen.type === 'good' ? null : waitingFor(seen.reason, deadlineMs - nowMs));
      const holdLeftMs = goodSinceMs === undefined ? Infinity : holdMs - heldMs;
      await clock.sleep(Math.max(1, Math.min(pollMs, holdLeftMs, deadlineMs - nowMs)), signal);
    }
  };
}

function rejected(within: string, why: string): Verdict {
  return { accepted: false, findings: [findingOf('LG_CONFIRM_FAILED', [within, why])] };
}

function waitingFor(missing: string, leftMs: number): Finding {
  const left = leftMs === Infinity ? 'still waiting' : `${Math.ceil(leftMs / 1000)} s are left`;
  return warningOf('LG_CONFIRM_WAITING', [missing, left]);
}
