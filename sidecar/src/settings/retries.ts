import { formatDuration } from '@lastgood/core/model/units.ts';
import * as z from 'zod/mini';
import { key, mapping } from './mapping.ts';
import { count, duration } from './values.ts';

const attempts = z.pipe(
  z.union([count(1, 100), z.literal('endless')]),
  z.transform((value) => (value === 'endless' ? Number.POSITIVE_INFINITY : value)),
);

const retries = mapping(
  {
    attempts: key('Tries in total; `endless` never gives up.', attempts, 5),
    backoff: key(
      'Wait before the second try (250ms, 1s); each further wait is twice as long.',
      duration(),
      '1s',
    ),
    max: key('Longest wait between two tries (30s, 5m).', duration(1), '30s'),
  },
  ({ attempts, backoff, max }, report) => {
    const [first, longest] = [backoff, max].map(formatDuration);
    if (backoff > max) report(['backoff'], `must not be longer than max, ${longest} (is ${first})`);
    return { attempts, backoffMs: backoff, maxMs: max };
  },
);

/** `attempts` is Infinity for `endless`. */
export type RetrySettings = z.output<typeof retries>;

export const retriesKey = key('When a delivery is tried again after a fault.', retries, {});
