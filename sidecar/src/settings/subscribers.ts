import * as z from 'zod/mini';
import { key, mapping } from './mapping.ts';
import { retriesKey } from './retries.ts';
import { count, duration } from './values.ts';

export const subscribersSchema = mapping(
  {
    min: key(
      'Number of processes that must take the snapshot; with fewer, lastgood waits for them.',
      count(0, 500),
      1,
    ),
    prepareTimeout: key(
      'Deadline of a process to check and prepare the snapshot (30s, 5m).',
      duration(1),
      '5m',
    ),
    drainTimeout: key(
      'Deadline of a process to switch to what it has prepared (30s).',
      duration(1),
      '30s',
    ),
    unanswered: key(
      'A process that is late or ends without an answer: a `fault`, or `ignore` it.',
      z.enum(['fault', 'ignore']),
      'fault',
    ),
    secrets: key(
      'Let every process that may use the socket read the secret values of this bundle.',
      z.boolean(),
      false,
    ),
    retries: retriesKey,
  },
  ({ prepareTimeout, drainTimeout, ...settings }) => ({
    ...settings,
    prepareTimeoutMs: prepareTimeout,
    drainTimeoutMs: drainTimeout,
  }),
);

export type SubscribersSettings = z.output<typeof subscribersSchema>;
