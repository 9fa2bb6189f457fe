import { isMapping } from '@lastgood/core/model/mapping.ts';
import type { State } from '../../rollout/state.ts';

/** The names of format 1, and those of today. */
const RENAMED: Readonly<Record<string, string>> = {
  seq: 'generation',
  told: 'notifiedTargets',
  again: 'pendingRetry',
  fresh: 'firstStart',
  cutOff: 'interrupted',
  spare: 'rollbackId',
  sameAs: 'equivalentTo',
  quiet: 'skipNotify',
};

/**
 * Translates the state as lastgood 0.1 wrote it, with other names. A sidecar that is upgraded in the
 * middle of a rollout finds such a journal and continues from it.
 */
export function upgradeV1(state: unknown): State {
  const { phase, ...renamed } = rename(state) as State;
  const nothing = { desired: null, checking: null, next: null, rejected: null };
  const same = { ...renamed, ...nothing };
  // A journal that is not complete may have no phase.
  if (phase?.name !== 'starting' || phase.interrupted === null) return { ...same, phase };
  // It may be a whole rollout, in place of a candidate.
  const { rollout, version, equivalentTo } = phase.interrupted;
  const more = equivalentTo === undefined ? {} : { equivalentTo };
  return { ...same, phase: { ...phase, interrupted: { rollout, version, ...more } } };
}

function rename(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rename);
  if (!isMapping(value)) return value;
  const entries = Object.entries(value).map(([name, each]) => {
    const isOldKind = name === 'kind' && each === 'cut-off';
    return [RENAMED[name] ?? name, isOldKind ? 'interrupted' : rename(each)];
  });
  return Object.fromEntries(entries);
}
