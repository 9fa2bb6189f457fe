import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { ACCEPTED, type Asked, findingsOf, listFindings } from './outcome.ts';
import type { Refusal, Respondent, Round } from './round.ts';
import type { Subscriber } from './subscriber.ts';

/** Once the outcome is certain, the others get this long to add their reasons. */
const MORE_REASONS_MS = 1_000;

/** The codes of the findings. */
export type Codes = Readonly<Record<'refused' | 'fault', ErrorCode>>;

/** A refusal in the `prepare` step costs nothing: the app was not told yet. */
export const PREPARE: Codes = { refused: 'LG_PREPARE_REJECTED', fault: 'LG_PREPARE_UNANSWERED' };
export const DELIVER: Codes = { refused: 'LG_DELIVER_REFUSED', fault: 'LG_DELIVER_UNANSWERED' };

/** How far the subscribers have come with what they should do. */
export interface Progress {
  readonly refusals: readonly Refusal[];
  readonly restarts: readonly Refusal[];
  /** Did not answer in time. */
  readonly late: readonly Subscriber[];
  /** Monotonic: when each of the others is late. */
  readonly pendingUntilMs: readonly number[];
}

/** One attempt to get an answer of all. Times are monotonic. */
export interface Attempt {
  readonly codes: Codes;
  readonly timeoutMs: number;
  /** Before this, a process that needs a restart may be about to end. */
  readonly restartsCountFromMs: number;
  /** The outcome is certain, and other reasons are not waited for any longer. */
  certainMs: number;
}

/** The answers to a round; without one to `rollback`. */
export function readProgress(
  told: readonly Subscriber[],
  { timeoutMs }: Pick<Attempt, 'timeoutMs'>,
  nowMs: number,
  round?: Round,
): Progress {
  const answered: Refusal[] = [];
  const late: Subscriber[] = [];
  const pendingUntilMs: number[] = [];
  for (const subscriber of told) {
    const { phase } = subscriber;
    // It must first end what it does, or come back.
    if (!('answer' in phase) || ('round' in phase ? phase.round : undefined) !== round)
      pendingUntilMs.push(Infinity);
    else if (phase.answer !== null) answered.push({ subscriber, answer: phase.answer });
    else if (phase.sinceMs + timeoutMs > nowMs) pendingUntilMs.push(phase.sinceMs + timeoutMs);
    else late.push(subscriber);
  }
  const refusals = answered.filter(({ answer }) => answer.verdict === 'reject');
  const restarts = answered.filter(({ answer }) => answer.verdict === 'restart');
  return { refusals, restarts, late, pendingUntilMs };
}

/**
 * The outcome; undefined: not yet. A refusal wins, then a fault, then a restart. After a refusal or a
 * fault the others get a little time for their reasons.
 */
export function conclude(
  attempt: Attempt,
  progress: Progress & { readonly lost: readonly Respondent[] },
  { nowMs, sealed }: { readonly nowMs: number; readonly sealed: boolean },
): Asked | undefined {
  const { refusals, restarts, late, lost, pendingUntilMs } = progress;
  const isPending = pendingUntilMs.length > 0;
  if (refusals.length > 0 || late.length > 0 || lost.length > 0) {
    attempt.certainMs = Math.min(attempt.certainMs, nowMs + MORE_REASONS_MS);
    return isPending && nowMs < attempt.certainMs
      ? undefined
      : failureOf(attempt, progress, sealed);
  }
  if (isPending) return undefined;
  if (restarts.length === 0) return ACCEPTED;
  // One that has disconnected has most likely ended already.
  const areEnding = restarts.every(({ subscriber }) => !subscriber.isConnected);
  if (areEnding || nowMs < attempt.restartsCountFromMs) return undefined;
  return { answer: 'restart', findings: findingsOf('LG_DELIVER_NEEDS_RESTART', restarts, sealed) };
}

function failureOf(
  { codes, timeoutMs }: Attempt,
  { refusals, late, lost }: Progress & { readonly lost: readonly Respondent[] },
  sealed: boolean,
): Asked {
  const tooLate = `no answer within ${formatDuration(timeoutMs)}`;
  const unanswered = [
    ...late.map((subscriber) => ({ subscriber, reason: tooLate })),
    ...lost.map((subscriber) => ({ subscriber, reason: 'it ended without an answer' })),
  ];
  const findings = [
    ...findingsOf(codes.refused, refusals, sealed),
    ...listFindings(codes.fault, unanswered),
  ];
  if (refusals.length > 0) return { answer: 'refused', findings };
  return { answer: 'fault', findings, ...(lost.length > 0 ? { isReset: true } : {}) };
}

/** When to look again if nothing changes. */
export function msLeft(
  { certainMs, restartsCountFromMs }: Attempt,
  { pendingUntilMs }: Pick<Progress, 'pendingUntilMs'>,
  nowMs: number,
): number {
  const all = [...pendingUntilMs, certainMs, restartsCountFromMs];
  return Math.min(...all.map((ms) => ms - nowMs).filter((ms) => ms > 0));
}
