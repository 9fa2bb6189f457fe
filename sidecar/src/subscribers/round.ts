import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { Ack } from '@lastgood/core/model/sdk-protocol.ts';
import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';

/** The answer of a subscriber to an event. */
export type Answer = Pick<Ack, 'verdict' | 'reasons'>;

/** Who has answered, as findings show it. */
export interface Respondent {
  readonly label: string;
  readonly isConnected: boolean;
}

export interface Refusal {
  readonly subscriber: Respondent;
  readonly answer: Answer;
}

/** A version that the subscribers of a bundle are asked to take, in one rollout. */
export interface Round {
  readonly rollout: string;
  readonly version: Version;
  readonly snapshot: Snapshot;
  readonly previous: Version | null;
  readonly reason: Exclude<ReloadReason, 'rollback'>;
  /** Paths that differ between `previous` and this version. */
  readonly changed: readonly string[];
  /** Subscribers that did not answer, where the settings ignore that. */
  readonly leftOut: Set<Respondent>;
  /** Subscribers that were lost before they were done. */
  readonly lost: Respondent[];
  /** Of subscribers that started on this version, or came after the others had switched. */
  readonly refusals: Refusal[];
  /** Of subscribers that came after the others had switched, and cannot switch while they run. */
  readonly restarts: Refusal[];
  /** All have accepted, and got `commit`. */
  isCommitted: boolean;
  /** No process runs, and one could not start on the version before: the next one starts on this one. */
  isStartedOn: boolean;
}

/** Opens the round of a snapshot; `before` is what the app runs on. */
export function openRound(
  rollout: string,
  snapshot: Snapshot,
  before: Snapshot | undefined,
): Round {
  return {
    rollout,
    version: snapshot.version,
    snapshot,
    previous: before?.version ?? null,
    reason: 'changed',
    changed: changedPaths(before, snapshot),
    leftOut: new Set(),
    lost: [],
    refusals: [],
    restarts: [],
    isCommitted: false,
    isStartedOn: false,
  };
}

/** Begins again, after a rollback that leads to a wait for a restart. What was prepared stays so. */
export function reopenRound(round: Round): void {
  round.leftOut.clear();
  for (const list of [round.lost, round.refusals, round.restarts]) list.length = 0;
  round.isCommitted = false;
}

function changedPaths(before: Snapshot | undefined, { files }: Snapshot): readonly string[] {
  const old = new Map(before?.files.map(({ path, sha256 }) => [path, sha256]));
  const now = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  const paths = new Set([...old.keys(), ...now.keys()]);
  return [...paths].filter((path) => old.get(path) !== now.get(path)).sort();
}
