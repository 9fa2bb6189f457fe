import * as z from 'zod/mini';
import { key, mapping, optional, type Report, type Values } from './mapping.ts';
import { requestKeys } from './request.ts';
import { retriesKey } from './retries.ts';
import { count, duration, listOf } from './values.ts';
import { must } from './wording.ts';

/** One status code, or a class of them. */
const statusMatch = z.union(
  [count(100, 599), z.enum(['1xx', '2xx', '3xx', '4xx', '5xx'])],
  must('be a status code such as 204, or a class such as "2xx"'),
);

type StatusMatch = z.output<typeof statusMatch>;

/** Also what the `http` probe of `confirm` expects. */
export const successKey = key(
  'Status codes or classes that mean success.',
  listOf(statusMatch, 1),
  ['2xx'],
);

const body = z.pipe(
  z.string(),
  z.transform((value): 'event' | 'none' | { text: string } =>
    value === 'event' || value === 'none' ? value : { text: value },
  ),
);

const hookKeys = {
  ...requestKeys,
  body: key(
    'What is sent: `event` (the JSON of docs/webhook-protocol.md), `none`, or any other text as is.',
    body,
    'event',
  ),
  success: successKey,
  refused: key(
    'Status codes or classes that mean that the app refuses the snapshot.',
    listOf(statusMatch),
    [400, 409, 422],
  ),
};

const timeoutKey = (fallback: string) =>
  key('Deadline of one try (500ms, 10s).', duration(1), fallback);

/** The settings with the deadline in `timeoutMs`. A status cannot mean both success and refusal. */
function resolveHook<Hook extends Values<typeof hookKeys> & { readonly timeout: number }>(
  { timeout, ...hook }: Hook,
  report: Report,
) {
  for (const [index, match] of hook.success.entries()) {
    const same = hook.refused.find((other) => overlaps(match, other));
    if (same !== undefined) report(['success', index], `is ${match}, but refused has ${same}`);
  }
  return { ...hook, timeoutMs: timeout };
}

export const webhookSchema = mapping(
  {
    ...hookKeys,
    method: key('HTTP method.', z.enum(['POST', 'PUT', 'GET', 'PATCH', 'DELETE']), 'POST'),
    timeout: timeoutKey('10s'),
    deadline: optional(
      'Deadline of all tries of one delivery together (2m); by default only `retries` limits them.',
      duration(1),
    ),
    retries: retriesKey,
  },
  ({ deadline, ...hook }, report) => ({ ...resolveHook(hook, report), deadlineMs: deadline }),
);

export type WebhookSettings = z.output<typeof webhookSchema>;

const dryRunWebhook = mapping(
  {
    ...hookKeys,
    method: key('HTTP method.', z.enum(['POST', 'PUT', 'PATCH']), 'POST'),
    timeout: timeoutKey('5s'),
  },
  resolveHook,
);

/** One entry of `prepare`. */
export const prepareSchema = z.strictObject({
  webhook: key(
    'Asks the app with an HTTP request whether it could run on a copy of the new snapshot.',
    dryRunWebhook,
  ),
});

/** A dry run that the app checks. */
export type PrepareSettings = z.output<typeof prepareSchema>;

/** Whether a status code could match both. */
function overlaps(one: StatusMatch, other: StatusMatch): boolean {
  if (typeof one === typeof other) return one === other;
  return String(one).charAt(0) === String(other).charAt(0);
}
