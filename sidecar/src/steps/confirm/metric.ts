import { redactUrl } from '../../io/http/redact-url.ts';
import type { MetricProbeSettings } from '../../settings/settings.ts';
import { type ConfirmBaseline, openBaselineStore } from './baseline-store.ts';
import { readQuery, valuesIn } from './exposition.ts';
import { fetchPage, type HttpResult } from './fetch-page.ts';
import type { Probe } from './probe.ts';
import type { ProbeOptions } from './probes.ts';

/** Ten times what a busy app shows; a larger page would not fit beside everything else. */
const MAX_PAGE_BYTES = 4 * 2 ** 20;

/**
 * An app may read a clock that lags behind ours by some milliseconds. Source: clock_gettime(2),
 * CLOCK_REALTIME_COARSE.
 */
const CLOCK_LAG_MS = 100;

/** Longer than a second is not waited for: then the clocks of the two differ. */
const MAX_TICK_MS = 1_000 + 2 * CLOCK_LAG_MS;

type Values =
  | { readonly type: 'values'; readonly values: readonly number[] }
  | Exclude<HttpResult, { readonly type: 'page' }>;

/** Looks at one of the metrics of the app. Source: docs/confirm.md. */
export function createMetricProbe(
  settings: MetricProbeSettings,
  { client, clock, notesPath }: Pick<ProbeOptions, 'client' | 'clock' | 'notesPath'>,
): Probe {
  const { query, expect } = settings;
  const read = valuesReader(settings, client);
  const notes = openBaselineStore(notesPath);
  const note = async (): Promise<ConfirmBaseline> => {
    let page = await read();
    // A moment of trouble must not cost the proof; somebody who is not there has counted nothing.
    if ('isUnread' in page) page = await read();
    const values = page.type === 'values' ? page.values : [];
    const newest = newestOf(values);
    if (expect === 'newer') await nextSecond(newest, clock);
    const isUnread = page.type !== 'values' && page.isUnread === true;
    return { wallMs: clock.wallMs(), newest, sum: isUnread ? undefined : sumOf(values) };
  };
  return {
    look: async ({ rollout, signal }) => {
      const page = await read(signal);
      if (page.type !== 'values') return page;
      if (page.values.length === 0)
        return { type: 'bad', reason: `${redactUrl(settings.url)} has no series ${query}` };
      const wrong = wrongWith(page.values, expect, await notes.find(rollout));
      return wrong === undefined ? { type: 'good' } : { type: 'bad', reason: `${query} ${wrong}` };
    },
    before: async (rollout) => {
      if (typeof expect === 'object' || (await notes.find(rollout)) !== undefined) return;
      await notes.add(rollout, await note());
    },
  };
}

function valuesReader(settings: MetricProbeSettings, client: ProbeOptions['client']) {
  const shown = redactUrl(settings.url);
  const request = { client, success: ['2xx'], maxBodyBytes: MAX_PAGE_BYTES } as const;
  const query = readQuery(settings.query);
  return async (signal?: AbortSignal): Promise<Values> => {
    const page = await fetchPage(settings, { ...request, signal });
    if (page.type !== 'page') return page;
    // A sum over half of the series would be worse than none.
    if (Buffer.byteLength(page.body) >= MAX_PAGE_BYTES)
      return {
        type: 'bad',
        reason: `${shown} answers more than ${MAX_PAGE_BYTES / 2 ** 20} MiB`,
        isUnread: true,
      };
    return { type: 'values', values: valuesIn(page.body, query) };
  };
}

/** What speaks against the values; without a note nobody was told, and it is enough that they are there. */
function wrongWith(
  values: readonly number[],
  expect: MetricProbeSettings['expect'],
  noted: ConfirmBaseline | undefined,
): string | undefined {
  if (typeof expect === 'object') {
    const other = values.find((value) => value !== expect.equals);
    return other === undefined ? undefined : `is ${other}, and must be ${expect.equals}`;
  }
  if (noted === undefined) return undefined;
  if (expect === 'increased') {
    const sum = sumOf(values);
    if (noted.sum === undefined)
      return `is ${sum}, and what it was before the app was told could not be read`;
    // Lower than before: the app was started anew, and counts from 0.
    const from = sum < noted.sum ? 0 : noted.sum;
    return sum > from ? undefined : `is ${sum}, and has not gone up since before the app was told`;
  }
  const newest = newestOf(values);
  // Many apps only give whole seconds.
  const sinceS = Math.floor((noted.wallMs - CLOCK_LAG_MS) / 1000);
  const isNewer = newest >= sinceS && newest > noted.newest;
  return isNewer ? undefined : `is ${newest}, from before the app was told`;
}

/**
 * Waits until a time in whole seconds can be told from the newest that there is: of two reloads in
 * one second, the time of the first would do as a proof of the second.
 */
async function nextSecond(newest: number, clock: ProbeOptions['clock']): Promise<void> {
  const leftMs = (newest + 1) * 1000 + CLOCK_LAG_MS - clock.wallMs();
  if (Number.isInteger(newest) && leftMs > 0 && leftMs <= MAX_TICK_MS) await clock.sleep(leftMs);
}

function newestOf(values: readonly number[]): number {
  return Math.max(...values.filter((value) => !Number.isNaN(value)), -Infinity);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), 0);
}
