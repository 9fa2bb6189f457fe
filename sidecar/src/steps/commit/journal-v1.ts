import type {
  Candidate,
  Failure,
  PendingRetry,
  Phase,
  Rollout,
  State,
} from '../../rollout/state.ts';

/**
 * The state as lastgood 0.1 wrote it, with other names. A sidecar that is upgraded in the middle of a
 * rollout finds such a journal and continues from it.
 */
export interface StateV1 {
  readonly seq: number;
  readonly phase: PhaseV1;
  readonly published: State['published'];
  readonly active: State['active'];
  readonly lastGood: State['lastGood'];
  readonly told: readonly number[];
  readonly quarantine: State['quarantine'];
  readonly again: PendingRetry | null;
}

interface CandidateV1 extends Omit<Candidate, 'equivalentTo'> {
  readonly sameAs?: Candidate['equivalentTo'];
}

interface RolloutV1 extends CandidateV1, Omit<Rollout, 'skipNotify' | 'equivalentTo' | 'failure'> {
  readonly quiet?: true;
  readonly failure: FailureV1 | null;
}

interface FailureV1 extends Omit<Failure, 'kind'> {
  readonly kind: Failure['kind'] | 'cut-off';
}

type WithRolloutV1<P> = P extends { readonly rollout: Rollout }
  ? Omit<P, 'rollout'> & { readonly rollout: RolloutV1 }
  : never;

type PhaseV1 =
  | {
      readonly name: 'starting';
      readonly fresh: boolean;
      readonly cutOff: CandidateV1 | null;
      readonly spare: string;
    }
  | { readonly name: 'steady' }
  | WithRolloutV1<Phase>;

/** Translates the state to the current names. */
export function upgradeV1({ seq, phase, told, again, ...same }: StateV1): State {
  return {
    ...same,
    generation: seq,
    phase: upgradePhase(phase),
    desired: null,
    checking: null,
    next: null,
    notifiedTargets: told,
    rejected: null,
    pendingRetry: again,
  };
}

function upgradePhase(phase: PhaseV1): Phase {
  if (phase.name === 'steady') return phase;
  if (phase.name === 'starting') {
    const { name, fresh, cutOff, spare } = phase;
    const interrupted = cutOff === null ? null : upgradeCandidate(cutOff);
    return { name, firstStart: fresh, interrupted, rollbackId: spare };
  }
  return { ...phase, rollout: upgradeRollout(phase.rollout) };
}

/** Accepts a rollout as well, which a journal may contain in place of a candidate. */
function upgradeCandidate({ rollout, version, sameAs }: CandidateV1): Candidate {
  return { rollout, version, ...(sameAs === undefined ? {} : { equivalentTo: sameAs }) };
}

function upgradeRollout(rollout: RolloutV1): Rollout {
  const { reason, failure, resumed, quiet } = rollout;
  return {
    ...upgradeCandidate(rollout),
    reason,
    failure: failure === null ? null : upgradeFailure(failure),
    ...(resumed === undefined ? {} : { resumed }),
    ...(quiet === undefined ? {} : { skipNotify: quiet }),
  };
}

function upgradeFailure({ kind, ...same }: FailureV1): Failure {
  return { ...same, kind: kind === 'cut-off' ? 'interrupted' : kind };
}
