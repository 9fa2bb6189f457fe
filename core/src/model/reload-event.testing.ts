import type { ReloadEvent } from './reload-event.ts';

/** An event as a rollout makes it. */
export const EVENT: ReloadEvent = {
  event: 'reload',
  bundle: 'model',
  version: `sha256:${'a'.repeat(64)}`,
  previous: null,
  rollout: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
  attempt: 1,
  reason: 'changed',
  changed: ['config.yaml'],
  dir: '/config',
};
