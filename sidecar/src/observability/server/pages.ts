import type { Metrics } from '../metrics.ts';
import type { Status } from '../status.ts';
import { readinessText } from './readiness.ts';

/** What the pages are made from. */
export interface Sources {
  readonly status: () => Status;
  readonly metrics: Metrics;
  /** Another path of the metrics, beside `/metrics`. */
  readonly metricsPath?: string | undefined;
  /** What `/healthz` answers, as JSON; left out: `ok`. */
  readonly health?: string | undefined;
}

export interface Page {
  readonly code: 200 | 503;
  readonly type: string;
  readonly body: string;
}

const PLAIN = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

type Make = (sources: Sources) => Page | Promise<Page>;

/** Every path that is served, with what makes its page. All of them are read-only. */
export function pagesOf({ metricsPath }: Pick<Sources, 'metricsPath'>): ReadonlyMap<string, Make> {
  const pages = new Map(Object.entries(PAGES));
  // Who asks for the metrics there means just that, whatever else would be there.
  if (metricsPath !== undefined) pages.set(metricsPath, metricsPage);
  const paths = [...pages.keys()];
  return new Map<string, Make>([
    ['/', () => ({ code: 200, type: PLAIN, body: `lastgood\n\n${paths.join('\n')}\n` })],
    ...pages,
  ]);
}

const metricsPage: Make = async ({ metrics }) => ({
  code: 200,
  type: metrics.contentType,
  body: await metrics.text(),
});

const PAGES: Readonly<Record<string, Make>> = {
  '/metrics': metricsPage,
  // Answering is the proof: a bundle that is not ready is no reason to kill the sidecar.
  '/healthz': ({ health }) => ({
    code: 200,
    type: health === undefined ? PLAIN : JSON_TYPE,
    body: health ?? 'ok\n',
  }),
  '/readyz': ({ status }) => {
    const now = status();
    return { code: now.ready ? 200 : 503, type: PLAIN, body: readinessText(now) };
  },
  '/status': ({ status }) => ({
    code: 200,
    type: JSON_TYPE,
    body: `${JSON.stringify(status(), null, 2)}\n`,
  }),
};
