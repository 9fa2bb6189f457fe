import type { TestContext } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { EVENT } from '@lastgood/core/model/reload-event.testing.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { PLAIN_REQUEST } from '../../../sidecar/src/io/http/options.testing.ts';
import { createHttpClient, type HttpClient } from '../../../sidecar/src/io/http/request.ts';
import { webhookSettings } from '../../../sidecar/src/io/http/webhook/send-webhook.testing.ts';
import { sendWebhook } from '../../../sidecar/src/io/http/webhook/send-webhook.ts';
import { createHttpProbe } from '../../../sidecar/src/steps/confirm/http.ts';
import { createMetricProbe } from '../../../sidecar/src/steps/confirm/metric.ts';
import type { Probe } from '../../../sidecar/src/steps/confirm/probe.ts';
import { startUnusual, type UnusualAnswer, type UnusualServer } from './unusual-servers.ts';

const VERSION: Version = `sha256:${'ab'.repeat(32)}`;

/** What lastgood makes of a server, in words. */
export interface Outcomes {
  /** A webhook that the app accepts with 200. */
  readonly accepted: string;
  /** A webhook that the app refuses with 400 and a reason. */
  readonly refused: string;
  /** `confirm.http` with a version. */
  readonly version: string;
  /** `confirm.metric`. */
  readonly metric: string;
}

/**
 * In the place of the 2 s of a proof, and of the second for the reason of a refusal: on a busy machine, a server in
 * this process may take longer to send what decides.
 */
const PATIENCE_MS = 20_000;

/** Sends the requests of a webhook and of both proofs. */
export async function measure(t: TestContext, server: UnusualServer): Promise<Outcomes> {
  const client = patientClient();
  t.after(() => client.close());
  /** Asks twice where it is the second answer that counts. */
  const ask = async (answer: UnusualAnswer, what: (url: string) => () => Promise<string>) => {
    const url = await startUnusual(t, server, answer);
    const once = what(url);
    const first = await once();
    return (server.isRepeated ? await once() : first).replaceAll(url, 'URL');
  };
  const [accepted, refused, version, metric] = await Promise.all([
    ask({}, (url) => () => notify(client, url)),
    ask({ status: 400, body: '{"reason":"no such model"}' }, (url) => () => notify(client, url)),
    ask(
      { body: JSON.stringify({ version: VERSION }) },
      (url) => () => observe(httpProbe(client, url)),
    ),
    ask({ body: 'up 1\n' }, (url) => () => observe(metricProbe(client, url))),
  ]);
  return { accepted, refused, version, metric };
}

function patientClient(): HttpClient {
  const client = createHttpClient({ proxyEnv: undefined });
  return {
    ...client,
    request: ({ bodyUse, ...request }) =>
      client.request({
        ...request,
        timeoutMs: Math.max(request.timeoutMs, PATIENCE_MS),
        bodyUse: bodyUse && { ...bodyUse, waitMs: PATIENCE_MS },
      }),
  };
}

async function notify(client: HttpClient, url: string): Promise<string> {
  const settings = webhookSettings({ url });
  const options = { client, clock: systemClock, sealed: false };
  const { answer, reason } = await sendWebhook(settings, EVENT, options);
  return reason === '' ? answer : `${answer}: ${reason}`;
}

function httpProbe(client: HttpClient, url: string): Probe {
  const settings = { ...PLAIN_REQUEST, url, success: ['2xx'], versionJson: 'version' } as const;
  return createHttpProbe({ ...settings, json: undefined }, { client, sealed: false });
}

function metricProbe(client: HttpClient, url: string): Probe {
  const settings = { ...PLAIN_REQUEST, url, query: 'up', expect: { equals: 1 } };
  return createMetricProbe(settings, { client, clock: systemClock, baselinePath: undefined });
}

async function observe(probe: Probe): Promise<string> {
  const { signal } = new AbortController();
  const seen = await probe.observe({ rollout: '01J', version: VERSION, signal });
  return seen.type === 'good' ? 'good' : `${seen.type}: ${seen.reason}`;
}
