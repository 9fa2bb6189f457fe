import type { Clock } from '../clock.ts';
import { type ErrorCode, findingOf } from '../errors.ts';
import { callHook, type HookAnswer, type HookOptions } from '../http/hook.ts';
import type { WebhookSettings } from '../settings/settings.ts';
import { shownUrl } from '../settings/shown-url.ts';
import type { Target } from './target.ts';

export interface WebhookOptions extends HookOptions {
  readonly clock: Clock;
  readonly settings: WebhookSettings;
}

const CODES: Readonly<Record<Exclude<HookAnswer['answer'], 'accepted'>, ErrorCode>> = {
  refused: 'LG_DELIVER_REFUSED',
  fault: 'LG_DELIVER_FAULT',
  absent: 'LG_DELIVER_ABSENT',
};

/** Tells the app by an HTTP request. Source: docs/protocol.md. */
export function createWebhook({ settings, ...options }: WebhookOptions): Target {
  const name = `webhook ${shownUrl(settings.url)}`;
  return {
    kind: 'webhook',
    name,
    deliver: async (event) => {
      const { answer, reason } = await callHook(settings, event, options);
      if (answer === 'accepted') return { answer, findings: [] };
      return { answer, findings: [findingOf(CODES[answer], [name, reason])] };
    },
  };
}
