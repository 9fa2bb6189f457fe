/** Which targets a rollout notifies, and in which order. */

import type { Rollout, RolloutConfig, State } from './state.ts';

/** The indexes of the targets, in the order of delivery. */
export function deliveryOrder({ targets, conditionalTargets = [] }: RolloutConfig): number[] {
  const others = [...targets.keys()].filter((index) => !conditionalTargets.includes(index));
  return [...conditionalTargets, ...others];
}

/** The targets that may run on what is published, as an app may have restarted. */
export function reachedTargets({ notifiedTargets }: State, config: RolloutConfig): number[] {
  const { conditionalTargets = [] } = config;
  return [...config.targets.keys()].filter(
    (index) => notifiedTargets.includes(index) || !conditionalTargets.includes(index),
  );
}

/** Whether the rollout notifies this target. */
export function needsDelivery(
  target: number,
  { notifiedTargets }: State,
  rollout: Rollout,
  config: RolloutConfig,
): boolean {
  const isRollback = rollout.failure !== null;
  if (isRollback && notifiedTargets.includes(target)) return true;
  const isSkipped = isRollback || rollout.needsRestart === undefined;
  if (isSkipped && config.conditionalTargets?.includes(target)) return false;
  return notifiesTargets(rollout, config);
}

/**
 * Whether all targets are notified. The first version is not delivered, as the app reads it when it
 * starts, unless the settings or the time of the last change say that the app may have started before
 * (P3); the same holds for its rollback. Any other rollback is only for targets that may run on another version.
 */
export function notifiesTargets(
  { reason, failure, changedSinceStart }: Rollout,
  { tellsAtStart }: RolloutConfig,
): boolean {
  if (reason === 'start') return tellsAtStart === true || changedSinceStart === true;
  return failure === null;
}
