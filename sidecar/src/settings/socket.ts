import type * as z from 'zod/mini';
import { key, mapping, optional } from './mapping.ts';
import { retriesKey } from './retries.ts';
import { absolutePath, duration, pattern, patternOrNothing, someText } from './values.ts';

export const socketSchema = mapping(
  {
    path: key('Absolute path of the Unix socket.', absolutePath),
    send: key('Text to send; a line end is added if it has none.', someText),
    success: key(
      'Regular expression that the reply must match; the default accepts any reply.',
      patternOrNothing,
      '',
    ),
    refused: optional(
      'Regular expression of a reply that means that the app refuses; tested before `success`.',
      pattern,
    ),
    timeout: key('Deadline of the reply (10s, 1m).', duration(1), '10s'),
    retries: retriesKey,
  },
  ({ timeout, ...settings }) => ({ ...settings, timeoutMs: timeout }),
);

export type SocketSettings = z.output<typeof socketSchema>;
