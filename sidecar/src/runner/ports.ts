import type { Captured } from '@lastgood/core/capture/capture.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Finding, Verdict } from '@lastgood/core/model/finding.ts';
import type { Found, Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import type { Finish, Work } from '../rollout/events.ts';
import type { State } from '../rollout/state.ts';
import type { ConfirmVerdict, Probation } from '../steps/confirm/confirm.ts';
import type { Target } from '../steps/deliver/target.ts';
import type { DryRun, Prepared } from '../steps/prepare/prepare.ts';

/** What a bundle's rollouts need from the outside. A step does not know the others. */
export interface Ports {
  readonly capture: () => Promise<Captured>;
  /**
   * Whether a volume may have changed since this process started, so that an app that started with it
   * may run on older content. Never rejects.
   */
  readonly changedSinceStart: () => Promise<boolean>;
  /**
   * `isEquivalent` as the active version, so that no target needs to be notified; `mayPass`: the
   * rejection is not due to the content. Rejects only if the signal aborts: newer content has come.
   */
  readonly validate: (
    snapshot: Snapshot,
    current: { readonly lastGood: Snapshot | null; readonly active: Snapshot | null },
    signal: AbortSignal,
  ) => Promise<Verdict & { readonly isEquivalent: boolean; readonly mayPass: boolean }>;
  /** Undefined: there is no dry run. Rejects only if the signal aborts. */
  readonly prepare: ((request: DryRun, signal: AbortSignal) => Promise<Prepared>) | undefined;
  /**
   * Resolves when no process is left that must end before the apps can run on the version. Undefined:
   * no target ever answers `restart`. The signal ends the wait.
   */
  readonly awaitRestart?:
    | ((
        request: { readonly rollout: string; readonly version: Version },
        signal: AbortSignal,
      ) => Promise<void>)
    | undefined;
  /** Rejects with a `LastgoodError`. Never called in direct mode. */
  readonly publish: (snapshot: Snapshot) => Promise<void>;
  readonly targets: readonly Target[];
  /**
   * Records the baseline that `confirm` compares with, before the app can see a version. A rollout
   * and its rollback have a baseline each; `confirm` gets the same id as `rollout`. Never rejects.
   */
  readonly beforeDelivery?: ((baselineId: string) => Promise<void>) | undefined;
  readonly confirm: (probation: Probation) => Promise<ConfirmVerdict>;
  /** Keeps a snapshot as the last good one. Rejects with a `LastgoodError`. */
  readonly keep: (snapshot: Snapshot) => Promise<void>;
  readonly readPublished: () => Promise<Found>;
  readonly readLastGood: () => Promise<Found>;
  readonly readJournal: () => Promise<State | null>;
  /** Undefined: nothing is written to disk. */
  readonly writeJournal: ((state: State) => Promise<void>) | undefined;
  /** Whether to wait until the journal can be written; otherwise a failure ends the start. */
  readonly retriesJournal: boolean;
  /** Called with each state, once it is journaled and before its effects start. Must not throw. */
  readonly onState?: ((state: State) => void) | undefined;
  readonly observer: Observer;
  readonly clock: Clock;
  /** At least 0, less than 1. */
  readonly random: () => number;
  /** A new ULID. */
  readonly newId: () => string;
  /** Called before and after each effect; a test holds or kills the process there. */
  readonly onBoundary?: ((boundary: Boundary) => Promise<void>) | undefined;
}

/** `before publish`, `after publish`, … */
type Boundary = `${'before' | 'after'} ${Work['type']}`;

/** The end of one step of a rollout. */
export interface StepReport {
  readonly rollout: string;
  readonly version: Version | null;
  readonly step: Step;
  /** `captured`, `accepted`, `rejected`, `published`, `refused`, `fault`, `absent`, `failed` … */
  readonly result: string;
  readonly durationMs: number;
  readonly findings: readonly Finding[];
  /** Only for `capture`. */
  readonly snapshot?: Snapshot;
  /** Only for `deliver`: the target's index in the settings, its name, and its HTTP status if any. */
  readonly targetIndex?: number;
  readonly target?: string;
  readonly attempt?: number;
  readonly status?: number;
  readonly isRollback: boolean;
}

/** Why a probation is taking long. */
export interface WaitingReport {
  /** Of the phase: after it, the report no longer applies. */
  readonly generation: number;
  readonly rollout: string;
  readonly version: Version;
  /** Null while the probes succeed. */
  readonly finding: Finding | null;
  readonly isRollback: boolean;
}

/** Receives what happens, for logs, metrics and the status; decides nothing. */
export interface Observer {
  step(report: StepReport): void;
  /** Called after each probe of a probation that takes long. */
  waiting(report: WaitingReport): void;
  finished(end: Finish, state: State, snapshot: Snapshot | undefined): void;
  changed(state: State): void;
  /** The bundle waits until the journal can be written; null: it can again. */
  blocked(finding: Finding | null, state: State): void;
  problem(finding: Finding): void;
}
