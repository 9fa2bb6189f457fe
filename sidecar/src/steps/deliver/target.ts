import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import type { HttpClient } from '../../io/http/request.ts';
import type { Answer } from '../../rollout/events.ts';

/** What the targets of a bundle share. */
export interface TargetOptions {
  readonly client: HttpClient;
  readonly clock: Clock;
  /** The bundle holds secrets. The app's own words are then dropped, as they might quote one (P8). */
  readonly sealed: boolean;
  /** For `{dir}` of a command: the directory that the app reads, as this container sees it. */
  readonly dir: string;
  /** The subscribers of the bundle, if it has such a target. */
  readonly subscribers?: Subscribers | undefined;
  /** Where the restart target with this index records its restarts; undefined: in memory only. */
  readonly restartJournalPath: ((index: number) => string) | undefined;
}

/** Tells all subscribers, and gathers their answers. Never rejects. */
export interface Subscribers {
  deliver(event: ReloadEvent, preempted: AbortSignal): Promise<Delivery>;
}

/** The answer of a target, with findings that explain any answer but `accepted`. */
export interface Delivery {
  readonly answer: Answer;
  readonly findings: readonly Finding[];
  /** The HTTP status of the response, if there was one. */
  readonly status?: number;
  /** The app asked not to be tried again sooner (`Retry-After`). */
  readonly retryAfterMs?: number;
  /** A fault after which no time is left for another attempt. */
  readonly final?: true;
  /** A fault: the app ended the connection without an answer. */
  readonly isReset?: true;
}

/** What keeps a target from being notified as things are; empty if nothing does. */
export interface TargetCheck {
  readonly findings: readonly Finding[];
  /** An app that is still starting looks like this as well. */
  readonly mayPass: boolean;
}

/** Something to notify of a new snapshot. One attempt a call; the rollout retries. */
export interface Target {
  /** A key of `targets` in the settings; with its position there it is the label of the metrics. */
  readonly kind: 'webhook' | 'signal' | 'restart' | 'exec' | 'socket' | 'subscribers';
  /** Shown in logs and findings; contains no credentials (P8). */
  readonly name: string;
  /**
   * Never rejects. `preempted` aborts when a newer version is waiting (P6): the target then lets
   * the app finish what it has started, and waits for nothing else.
   */
  deliver(event: ReloadEvent, preempted: AbortSignal): Promise<Delivery>;
  /** Looks for the process of the target, and sends it nothing. Never rejects. */
  readonly check?: () => Promise<TargetCheck>;
}

const CODES: Readonly<Record<Exclude<Answer, 'accepted'>, ErrorCode>> = {
  refused: 'LG_DELIVER_REFUSED',
  fault: 'LG_DELIVER_FAULT',
  absent: 'LG_DELIVER_ABSENT',
  restart: 'LG_DELIVER_NEEDS_RESTART',
};

/** The system's codes for a connection that the other side has ended. */
const RESETS: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** The delivery of an answer by the target with this name; `reason` explains any but `accepted`. */
export function deliveryOf(name: string, answer: Answer, reason: string): Delivery {
  return {
    answer,
    findings: answer === 'accepted' ? [] : [findingOf(CODES[answer], [name, reason])],
    ...(answer === 'fault' && RESETS.has(reason) ? { isReset: true } : {}),
  };
}
