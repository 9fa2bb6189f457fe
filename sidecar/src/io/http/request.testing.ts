import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import type { Response } from './exchange.ts';
import type { RequestOptions } from './options.ts';
import { createHttpClient } from './request.ts';

/** The wall clock of these requests. */
const NOW_MS = 1_790_000_000_999;

type More = Partial<RequestOptions> & Pick<RequestOptions, 'url'>;

/** Sends one request with a new client and without a proxy. */
export function send(t: TestContext, more: More): Promise<Response> {
  const clock: Clock = { ...systemClock, wallMs: () => NOW_MS };
  const client = createHttpClient({ clock, proxyEnv: undefined });
  t.after(() => client.close());
  return client.request({ method: 'POST', timeoutMs: DEADLINE_MS, ...more });
}

/** Sends a request, and describes the response in a line. */
export async function outcomeOf(t: TestContext, more: More): Promise<string> {
  const response = await send(t, more);
  return response.type === 'answer'
    ? `status ${response.status}`
    : `${response.type}: ${response.reason}`;
}
