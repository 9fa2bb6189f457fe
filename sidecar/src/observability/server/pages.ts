import { setImmediate } from 'node:timers/promises';
import { escapeInvisibleInJson } from '@lastgood/core/model/escape.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { Metrics } from '../metrics.ts';
import type { BundleStatus, Status } from '../status.ts';

/** The sources of the pages. */
export interface Sources {
  readonly status: () => Status;
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>;
  /** Another path for the metrics, beside `/metrics`. */
  readonly metricsPath?: string | undefined;
  /** The answer of `/healthz`, as JSON; left out: `ok`. */
  readonly health?: string | undefined;
}

export const PLAIN = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** A page as bytes, so that responses that wait for their clients share one copy. */
export interface Page {
  readonly code: number;
  readonly type: string;
  readonly body: Buffer;
}

type Written = Omit<Page, 'body'> & { readonly body: string };

type CreatePage = (sources: Sources) => Written | Promise<Written>;

const createMetricsPage: CreatePage = async ({ metrics }) => ({
  code: 200,
  type: metrics.contentType,
  body: await metrics.text(),
});

const PAGES: Readonly<Record<string, CreatePage>> = {
  '/metrics': createMetricsPage,
  // The response itself is the proof: a bundle that is not ready is no reason to kill the sidecar.
  '/healthz': ({ health }) =>
    health === undefined
      ? { code: 200, type: PLAIN, body: 'ok\n' }
      : { code: 200, type: JSON_TYPE, body: health },
  '/readyz': ({ status }) => {
    const { ready, bundles } = status();
    const body = [ready ? 'ready' : 'not ready', ...bundles.flatMap(formatHealth), ''].join('\n');
    return { code: ready ? 200 : 503, type: PLAIN, body };
  },
  '/status': ({ status }) => ({
    code: 200,
    type: JSON_TYPE,
    body: `${escapeInvisibleInJson(JSON.stringify(status(), null, 2))}\n`,
  }),
};

/** Every path, and the function that renders its page. All pages are read-only. */
export function pagesOf(sources: Sources): ReadonlyMap<string, () => Promise<Page>> {
  const { metricsPath } = sources;
  const pages = new Map(Object.entries(PAGES));
  // It replaces a page of lastgood with the same path.
  if (metricsPath !== undefined) pages.set(metricsPath, createMetricsPage);
  const body = `lastgood\n\n${[...pages.keys()].join('\n')}\n`;
  pages.set('/', () => ({ code: 200, type: PLAIN, body }));
  return new Map([...pages].map(([path, create]) => [path, shareRendering(create, sources)]));
}

/** Renders a page once for all requests that wait for it: 500 at a time would take all the memory. */
function shareRendering(create: CreatePage, sources: Sources): () => Promise<Page> {
  const render = async () => {
    // Requests that arrive in the same turn of the event loop join.
    await setImmediate();
    rendering = undefined;
    const page = await create(sources);
    return { ...page, body: Buffer.from(page.body) };
  };
  let rendering: Promise<Page> | undefined;
  return () => {
    rendering ??= render();
    return rendering;
  };
}

/** A line for the bundle, and one for each finding that explains why it is not ok. */
function formatHealth({ bundle, health }: BundleStatus): string[] {
  const { state, since, reason, findings } = health;
  if (state === 'ok') return [`${bundle}: ok`];
  const why = reason === undefined ? '' : `: ${reason}`;
  return [
    `${bundle}: ${state} since ${since}${why}`,
    ...findings.map((finding) => `  ${formatFinding(finding)}`),
  ];
}
