import { DEADLINE_MS } from '../../../../../test/deadline.ts';
import { PLAIN_REQUEST } from '../options.testing.ts';
import type { WebhookRequest } from './send-webhook.ts';

/** What the settings of a webhook target have besides. */
interface WebhookSettings extends WebhookRequest {
  readonly deadlineMs: number | undefined;
  readonly retries: {
    readonly attempts: number;
    readonly backoffMs: number;
    readonly maxMs: number;
  };
}

/** The settings of a webhook with every default. */
export function webhookSettings(
  more: Partial<WebhookSettings> & Pick<WebhookSettings, 'url'>,
): WebhookSettings {
  return {
    ...PLAIN_REQUEST,
    body: 'event',
    deadlineMs: undefined,
    method: 'POST',
    success: ['2xx'],
    refused: [400, 409, 422],
    timeoutMs: DEADLINE_MS,
    retries: { attempts: 5, backoffMs: 1_000, maxMs: 30_000 },
    ...more,
  };
}
