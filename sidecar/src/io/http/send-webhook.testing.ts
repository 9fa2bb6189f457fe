import type { WebhookSettings } from '../../settings/settings.ts';
import { PLAIN_REQUEST } from './options.testing.ts';

/** The settings of a webhook as they are where only its URL is given. */
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
    timeoutMs: 2_000,
    retries: { attempts: 5, backoffMs: 1_000, maxMs: 30_000 },
    ...more,
  };
}
