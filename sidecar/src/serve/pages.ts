import type { Metrics } from './metrics.ts';
import { readinessText } from './readiness.ts';
import type { Status } from './status.ts';

/** What the pages are made from. */
export interface Sources {
  readonly status: () => Status;
  readonly metrics: Metrics;
}

export interface Page {
  readonly code: 200 | 503;
  readonly type: string;
  readonly body: string;
}

const PLAIN = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** Every path that is served. All of them are read-only. */
export const PAGES: Readonly<Record<string, (sources: Sources) => Page | Promise<Page>>> = {
  '/': () => ({ code: 200, type: PLAIN, body: index() }),
  '/metrics': async ({ metrics }) => ({
    code: 200,
    type: metrics.contentType,
    body: await metrics.text(),
  }),
  // Answering is the proof: a bundle that is not ready is no reason to kill the sidecar.
  '/healthz': () => ({ code: 200, type: PLAIN, body: 'ok\n' }),
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

function index(): string {
  const paths = Object.keys(PAGES).filter((path) => path !== '/');
  return `lastgood\n\n${paths.join('\n')}\n`;
}
