import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { PrepareEvent } from '@lastgood/core/model/reload-event.ts';
import { redactUrl } from '../../io/http/redact-url.ts';
import { retryAfterMs } from '../../io/http/retry-after.ts';
import {
  type SendWebhookOptions,
  sendWebhook,
  type WebhookResult,
} from '../../io/http/send-webhook.ts';
import type { PrepareSettings } from '../../settings/settings.ts';

/** Tries of one question in all. A pause of the app should not cost a version its rollout. */
export const ATTEMPTS = 3;

/** Wait between two of them, where the app asks for no longer one. */
export const RETRY_MS = 1_000;

/**
 * What those who were asked for a dry run say. A `fault` is no answer at all, so it says nothing of
 * the version, which is to be asked for again later.
 */
export interface Prepared {
  readonly answer: 'accepted' | 'refused' | 'fault';
  readonly findings: readonly Finding[];
}

export interface PrepareOptions extends Omit<SendWebhookOptions, 'signal'> {
  readonly clock: Clock;
}

/** Asks for a dry run, one after the other. Rejects only when the signal aborts. */
export type Prepare = (event: PrepareEvent, signal: AbortSignal) => Promise<Prepared>;

/**
 * Asks the apps that can say no without harm. An app that is not there has nothing to say, and must
 * not keep the version from being published that lets it start.
 */
export function createPrepare(
  settings: readonly PrepareSettings[],
  { clock, ...options }: PrepareOptions,
): Prepare {
  return async (event, signal) => {
    for (const { webhook } of settings) {
      const ask = () => sendWebhook(webhook, event, { ...options, signal });
      let said = await ask();
      for (let attempt = 1; said.answer === 'fault' && attempt < ATTEMPTS; attempt++) {
        await clock.sleep(waitMs(said, clock), signal);
        said = await ask();
      }
      signal.throwIfAborted();
      const { answer, reason } = said;
      if (answer === 'accepted' || answer === 'absent') continue;
      const code = answer === 'refused' ? 'LG_PREPARE_REFUSED' : 'LG_PREPARE_FAULT';
      const name = `webhook ${redactUrl(webhook.url)}`;
      return { answer, findings: [findingOf(code, [name, reason])] };
    }
    return { answer: 'accepted', findings: [] };
  };
}

function waitMs({ retryAfter }: WebhookResult, clock: Clock): number {
  const afterMs = retryAfter && retryAfterMs(retryAfter, clock.wallMs());
  return Math.max(RETRY_MS, afterMs || 0);
}
