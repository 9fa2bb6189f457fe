import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { PrepareEvent } from '@lastgood/core/model/reload-event.ts';
import { redactUrl } from '../../io/http/redact-url.ts';
import { type SendWebhookOptions, sendWebhook } from '../../io/http/webhook/send-webhook.ts';
import type { PrepareSettings } from '../../settings/settings.ts';

/** Attempts for each app, so that a short outage of it does not fail the rollout. */
export const ATTEMPTS = 3;

/** Between two attempts, unless the app asks for a longer wait. */
export const RETRY_MS = 1_000;

/** The result of the dry runs. After a `fault` the version is checked again later. */
export interface Prepared {
  readonly answer: 'accepted' | 'refused' | 'fault';
  readonly findings: readonly Finding[];
}

export interface PrepareOptions extends Omit<SendWebhookOptions, 'signal'> {
  readonly clock: Clock;
}

/** Asks for the dry runs, one after the other. Rejects only when the signal aborts. */
export type Prepare = (event: PrepareEvent, signal: AbortSignal) => Promise<Prepared>;

/**
 * Asks the apps that can check a version without using it. An absent app is skipped: it must not block
 * the version that would let it start.
 */
export function createPrepare(
  settings: readonly PrepareSettings[],
  options: PrepareOptions,
): Prepare {
  return async (event, signal) => {
    for (const { webhook } of settings) {
      const ask = () => sendWebhook(webhook, event, { ...options, signal });
      let result = await ask();
      for (let attempt = 1; result.answer === 'fault' && attempt < ATTEMPTS; attempt++) {
        await options.clock.sleep(Math.max(RETRY_MS, result.retryAfterMs ?? 0), signal);
        result = await ask();
      }
      signal.throwIfAborted();
      const { answer, reason } = result;
      if (answer === 'accepted' || answer === 'absent') continue;
      const code = answer === 'refused' ? 'LG_PREPARE_REFUSED' : 'LG_PREPARE_FAULT';
      const name = `webhook ${redactUrl(webhook.url)}`;
      return { answer, findings: [findingOf(code, [name, reason])] };
    }
    return { answer: 'accepted', findings: [] };
  };
}
