import { healthOf } from '../rollout/health.ts';
import type { RolloutConfig, State } from '../rollout/state.ts';

/**
 * The state with the time since which the bundle is degraded, so that a restart of the sidecar does not
 * reset it. The machine itself has no clock.
 */
export function noteDegradedSince(state: State, config: RolloutConfig, wallMs: number): State {
  const { degradedSinceMs = null, phase, desired, rejected } = state;
  const health = healthOf(state, config).state;
  // Until the first verdict after a restart, nothing is known of the version in the volume.
  const isKnown = phase.name !== 'starting' && (desired !== null || rejected !== null);
  if (health === 'degraded')
    return degradedSinceMs === null ? { ...state, degradedSinceMs: wallMs } : state;
  return health === 'ok' && isKnown && degradedSinceMs !== null
    ? { ...state, degradedSinceMs: null }
    : state;
}
