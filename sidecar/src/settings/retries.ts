import { formatDuration } from '@lastgood/core/model/units.ts';
import * as z from 'zod/mini';
import { key, mapping, or } from './mapping.ts';
import { count, duration } from './values.ts';

const attempts = z.pipe(
  z.union([count(1, 100), z.literal('endless')]),
  z.transform((value) => (value === 'endless' ? Number.POSITIVE_INFINITY : value)),
);

const retries = mapping(
  {
    attempts: key(
      'Tries in total, including the first one; `endless` never gives up.',
      or(5, attempts),
    ),
    backoff: key(
      'Wait before the second try (250ms, 1s); each further wait is twice as long.',
      or('1s', duration()),
    ),
    max: key('Longest wait between two tries (30s, 5m).', or('30s', duration(1))),
  },
  ({ attempts, backoff, max }, report) => {
    if (backoff > max)
      report(
        ['backoff'],
        `must not be longer than max, ${formatDuration(max)} (is ${formatDuration(backoff)})`,
      );
    return { attempts, backoffMs: backoff, maxMs: max };
  },
);

/** `attempts` is Infinity for `endless`. */
export type RetrySettings = z.output<typeof retries>;

export const retriesKey = key('When a delivery is tried again after a fault.', or({}, retries));
