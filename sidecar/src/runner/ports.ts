import type { Captured } from '@lastgood/core/capture/capture.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Finding, Verdict } from '@lastgood/core/model/finding.ts';
import type { PrepareEvent } from '@lastgood/core/model/reload-event.ts';
import type { Found, Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import type { Effect, State, Work } from '../rollout/state.ts';
import type { Probation } from '../steps/confirm/confirm.ts';
import type { Target } from '../steps/deliver/target.ts';
import type { Prepared } from '../steps/prepare/prepare.ts';

/** What a bundle's rollouts need from the outside; each is one step, and knows none of the others. */
export interface Ports {
  readonly capture: () => Promise<Captured>;
  /**
   * `meansTheSame` as the active one, so that nobody has to be told; `mayPass`: it is rejected for
   * what says nothing of the content. Rejects only when the signal aborts: a newer content has come.
   */
  readonly validate: (
    snapshot: Snapshot,
    standing: { readonly lastGood: Snapshot | null; readonly active: Snapshot | null },
    signal: AbortSignal,
  ) => Promise<Verdict & { readonly meansTheSame: boolean; readonly mayPass: boolean }>;
  /** Undefined: nobody is asked for a dry run. Rejects only when the signal aborts. */
  readonly prepare: ((request: DryRun, signal: AbortSignal) => Promise<Prepared>) | undefined;
  /** Rejects with a `LastgoodError`. In direct mode it is never called. */
  readonly publish: (snapshot: Snapshot) => Promise<void>;
  readonly targets: readonly Target[];
  /**
   * Notes, before the app can know of a version, what the proof is compared with; for a rollout's way
   * there and its way back, each under the name that `confirm` then gets as `rollout`. Never rejects.
   */
  readonly beforeDelivery?: ((way: string) => Promise<void>) | undefined;
  readonly confirm: (probation: Probation) => Promise<Verdict>;
  /** Keeps a snapshot as the last good one. Rejects with a `LastgoodError`. */
  readonly keep: (snapshot: Snapshot) => Promise<void>;
  readonly readPublished: () => Promise<Found>;
  readonly readLastGood: () => Promise<Found>;
  readonly readJournal: () => Promise<State | null>;
  /** Undefined: nothing is written anywhere. */
  readonly writeJournal: ((state: State) => Promise<void>) | undefined;
  /** Whether a journal that cannot be written is waited for; else it ends the start. */
  readonly retriesJournal: boolean;
  readonly observer: Observer;
  readonly clock: Clock;
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** A new ULID. */
  readonly newId: () => string;
  /** Called before and after each effect; a test holds or kills the process there. */
  readonly onBoundary?: (boundary: Boundary) => Promise<void>;
}

/** A snapshot for a dry run, and what is said of it but for where it is. */
export interface DryRun {
  readonly snapshot: Snapshot;
  readonly event: Omit<PrepareEvent, 'dir'>;
}

/** `before publish`, `after publish`, … */
export type Boundary = `${'before' | 'after'} ${Work['type']}`;

/** One step of a rollout, done. */
export interface StepReport {
  readonly rollout: string;
  readonly version: Version | null;
  readonly step: Step;
  /** `captured`, `accepted`, `rejected`, `published`, `refused`, `fault`, `absent`, `failed` … */
  readonly result: string;
  readonly durationMs: number;
  readonly findings: readonly Finding[];
  /** What was captured, for `capture`. */
  readonly snapshot?: Snapshot;
  /** Which target, for `deliver`: its place in the settings, and its name. */
  readonly targetIndex?: number;
  readonly target?: string;
  readonly attempt?: number;
  /** The HTTP status of the answer, where there was one. */
  readonly status?: number;
  /** A step of the way back. */
  readonly back: boolean;
}

/** What a probation that takes long lacks. */
export interface WaitingReport {
  /** Of the phase: what is lacking is over with it. */
  readonly generation: number;
  readonly rollout: string;
  readonly version: Version;
  /** Null while the looks are good. */
  readonly finding: Finding | null;
  /** A probation of the way back. */
  readonly back: boolean;
}

/** Sees what happens, for logs, metrics and the status; decides nothing. */
export interface Observer {
  step(report: StepReport): void;
  /** Called after each look of a probation that takes long. */
  waiting(report: WaitingReport): void;
  finished(end: Effect & { type: 'finish' }, state: State, snapshot: Snapshot | undefined): void;
  changed(state: State): void;
  /** Nothing goes on, because the journal cannot be written; null: it can again. */
  blocked(finding: Finding | null, state: State): void;
  trouble(finding: Finding): void;
}
