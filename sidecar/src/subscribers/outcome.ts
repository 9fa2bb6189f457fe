import { findingOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Answer, Refusal, Respondent } from './round.ts';

/** What the subscribers of a bundle have answered together, and why it is not `accepted`. */
export interface Asked {
  readonly answer: 'accepted' | 'refused' | 'restart' | 'fault';
  readonly findings: readonly Finding[];
  /** A fault: a process has ended without an answer. */
  readonly isReset?: true;
}

/** `absent`: too few of them run. */
export type Outcome = Asked | { readonly answer: 'absent'; readonly findings: readonly Finding[] };

export const ACCEPTED: Asked = { answer: 'accepted', findings: [] };

/** Too few of them run. */
export function absent(reason: string): Outcome {
  return { answer: 'absent', findings: [findingOf('LG_DELIVER_ABSENT', ['subscribers', reason])] };
}

/** It uses up no attempt: no process has failed. */
export const PREEMPTED = absent('a newer version waits, or lastgood stops');

/** Processes that could not go back, and now prepare a newer version. */
export function busyOutcome(code: ErrorCode, busy: readonly Respondent[]): Outcome {
  const reason = 'it prepares a newer version';
  const findings = listFindings(
    code,
    busy.map((subscriber) => ({ subscriber, reason })),
  );
  return { answer: 'fault', findings };
}

/** Why the version under way cannot be confirmed. */
export interface Unconfirmed {
  readonly findings: readonly Finding[];
  readonly needsRestart?: true;
}

/** Of one outcome; the last one says how many more there are. */
const MAX_FINDINGS = 10;

const WITHHELD = 'its reason is not shown, as the bundle has secrets';

/** A refusal wins. Undefined: there is nothing against it. */
export function unconfirmed(
  refusals: readonly Refusal[],
  restarts: readonly Refusal[],
  sealed: boolean,
): Unconfirmed | undefined {
  if (refusals.length > 0) return { findings: findingsOf('LG_DELIVER_REFUSED', refusals, sealed) };
  if (restarts.length === 0) return undefined;
  const findings = findingsOf('LG_DELIVER_NEEDS_RESTART', restarts, sealed);
  return { findings, needsRestart: true };
}

/** One finding for each different reason: all processes of an app mostly say the same. */
export function findingsOf(
  code: ErrorCode,
  refusals: readonly Refusal[],
  sealed: boolean,
): Finding[] {
  const reasons = refusals.map(({ subscriber, answer }) => ({
    subscriber,
    reason: sealed ? WITHHELD : reasonIn(answer),
  }));
  return listFindings(code, reasons);
}

/** The subscribers with the same reason share a finding. */
export function listFindings(
  code: ErrorCode,
  reasons: readonly { readonly subscriber: Respondent; readonly reason: string }[],
): Finding[] {
  const groups = [...Map.groupBy(reasons, ({ reason }) => reason)];
  const shown = groups.slice(0, MAX_FINDINGS).map(([reason, [first, ...more]]) => {
    const others = more.length === 0 ? '' : ` and ${more.length} more`;
    return findingOf(code, [`${first?.subscriber.label}${others}`, reason]);
  });
  return shown;
}

function reasonIn({ reasons = [] }: Answer): string {
  return reasons.filter((reason) => reason !== '').join('; ') || 'it gives no reason';
}
