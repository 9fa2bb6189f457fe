import { backoff } from '@lastgood/core/model/backoff.ts';
import { findingFrom } from '@lastgood/core/model/error.ts';
import { sleepWithJitter } from '@lastgood/core/model/retry-wait.ts';
import { OWN_RETRIES, type State } from '../rollout/state.ts';
import type { Ports } from './ports.ts';

/**
 * The function that writes every state of a bundle to disk before the sidecar acts on it (P7). Retries
 * until it is written, or `stopped` aborts; with `retriesJournal` off, rejects at the first failure.
 */
export function createJournal(ports: Ports, stopped: AbortSignal) {
  const { observer, writeJournal, retriesJournal } = ports;
  let written = '';
  return async (state: State): Promise<void> => {
    if (writeJournal === undefined) return;
    // These are captured again after a restart, so a change of them alone needs no write.
    const { desired, checking, next, rejected, ...lasting } = state;
    const text = JSON.stringify(lasting);
    let failures = 0;
    while (text !== written)
      try {
        await writeJournal(state);
        written = text;
      } catch (error) {
        if (!retriesJournal) throw error;
        const finding = findingFrom(error);
        observer.problem(finding);
        observer.blocked(finding, state);
        if (stopped.aborted) return;
        failures += 1;
        await sleepWithJitter(ports, backoff(failures, OWN_RETRIES), stopped);
      }
    if (failures > 0) observer.blocked(null, state);
  };
}
