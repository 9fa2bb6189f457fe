import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Event, Work } from './state.ts';

/** Work ends with a verdict; an exception is a defect of ours, and still ends the phase. */
export function internalErrorEvent(work: Work, finding: Finding): Event | undefined {
  const findings = [finding];
  switch (work.type) {
    case 'validate':
      return { type: 'validated', rollout: work.rollout, accepted: false, findings };
    case 'deliver':
      return { type: 'answered', generation: work.generation, answer: 'fault', findings };
    case 'publish':
    case 'confirm':
    case 'commit':
      return { type: 'failed', generation: work.generation, findings };
    default:
      return undefined;
  }
}
