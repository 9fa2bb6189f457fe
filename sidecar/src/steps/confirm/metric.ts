import { readStateFile, writeStateFile } from '../../io/fs/state-file.ts';
import { redactUrl } from '../../io/http/redact-url.ts';
import type { MetricProbeSettings } from '../../settings/settings.ts';
import { parseQuery, valuesIn } from './exposition.ts';
import { fetchPage, type HttpResult } from './fetch-page.ts';
import { GOOD, type Probe, type ProbeOptions } from './probe.ts';

/** An app may read a clock that is late. Source: clock_gettime(2), CLOCK_REALTIME_COARSE. */
const CLOCK_LAG_MS = 100;

/** A wait of more than a second means that the clocks of the two differ. */
const MAX_TICK_MS = 1_000 + 2 * CLOCK_LAG_MS;

/** A rollout, its rollback, and a newer one that has superseded it: there are never more at a time. */
const MAX_BASELINES = 8;

/** What a metric was before the app was notified. */
export interface ConfirmBaseline {
  readonly wallMs: number;
  /** Monotonic. Undefined if another process has recorded it. */
  readonly nowMs?: number | undefined;
  /** The newest time of the series; -Infinity if there was none, or if the app was absent. */
  readonly newest: number;
  /** The sum of the series; 0 if there was none, or if the app was absent. Undefined: unreadable. */
  readonly sum: number | undefined;
}

type Values =
  | { readonly type: 'values'; readonly values: readonly number[] }
  | Exclude<HttpResult, { readonly type: 'page' }>;

/** Checks a metric of the app. Source: docs/confirm.md. */
export function createMetricProbe(
  settings: MetricProbeSettings,
  { client, clock, baselinePath }: Pick<ProbeOptions, 'client' | 'clock' | 'baselinePath'>,
): Probe {
  const { query, expect } = settings;
  const read = createReader(settings, client);
  const baselines = openBaselineStore(baselinePath);
  const takeBaseline = async (): Promise<ConfirmBaseline> => {
    let page = await read();
    // One failed request must not cost the proof. An app that is absent has counted nothing.
    if ('isUnreadable' in page) page = await read();
    const values = page.type === 'values' ? page.values : [];
    const newest = newestOf(values);
    if (expect === 'newer') await waitForNextSecond(newest, clock);
    const sum = 'isUnreadable' in page ? undefined : sumOf(values);
    return { wallMs: clock.wallMs(), nowMs: clock.nowMs(), newest, sum };
  };
  return {
    observe: async ({ rollout, signal }) => {
      const page = await read(signal);
      if (page.type !== 'values') return page;
      if (page.values.length === 0)
        return { type: 'bad', reason: `${redactUrl(settings.url)} has no series ${query}` };
      const baseline = await baselines.find(rollout);
      const problem = checkValues(page.values, expect, baseline && { ...baseline, clock });
      return problem === undefined ? GOOD : { type: 'bad', reason: `${query} ${problem}` };
    },
    recordBaseline: async (rollout) => {
      if (typeof expect === 'object' || (await baselines.find(rollout)) !== undefined) return;
      await baselines.add(rollout, await takeBaseline());
    },
  };
}

function createReader(settings: MetricProbeSettings, client: ProbeOptions['client']) {
  const request = { client, success: ['2xx'], usesBody: true } as const;
  const query = parseQuery(settings.query);
  return async (signal?: AbortSignal): Promise<Values> => {
    const page = await fetchPage(settings, { ...request, signal });
    if (page.type !== 'page') return page;
    // The sum of half of the series would be worse than none.
    if (page.bodyEnd === 'cut') {
      const reason = `${redactUrl(settings.url)} ends its answer in the middle`;
      return { type: 'bad', reason, isUnreadable: true };
    }
    return { type: 'values', values: valuesIn(page.body, query) };
  };
}

/** Without a baseline no target was notified, and it is enough that the series exists. */
function checkValues(
  values: readonly number[],
  expect: MetricProbeSettings['expect'],
  baseline: (ConfirmBaseline & { readonly clock: ProbeOptions['clock'] }) | undefined,
): string | undefined {
  if (typeof expect === 'object') {
    const other = values.find((value) => value !== expect.equals);
    return other === undefined ? undefined : `is ${other}, and must be ${expect.equals}`;
  }
  if (baseline === undefined) return undefined;
  if (expect === 'increased') {
    const sum = sumOf(values);
    if (baseline.sum === undefined)
      return `is ${sum}, and its value before the app was notified could not be read`;
    // A lower value means that the app was restarted, and counts from 0.
    const from = sum < baseline.sum ? 0 : baseline.sum;
    return sum > from ? undefined : `is ${sum}, and has not increased since the app was notified`;
  }
  const newest = newestOf(values);
  const backMs = setBackMs(baseline, baseline.clock);
  // Many apps use whole seconds.
  const sinceS = Math.floor((baseline.wallMs - backMs - CLOCK_LAG_MS) / 1000);
  const isLater = newest !== baseline.newest && newest > baseline.newest - backMs / 1000;
  const isNewer = newest >= sinceS && isLater;
  return isNewer ? undefined : `is ${newest}, from before the app was notified`;
}

/**
 * By how much the wall clock was set back since the baseline: the app, which reads the same clock, then
 * reports a time from before the notification. A clock that was set forward proves nothing falsely.
 */
function setBackMs({ wallMs, nowMs }: ConfirmBaseline, clock: ProbeOptions['clock']): number {
  if (nowMs === undefined) return 0;
  return Math.max(0, clock.nowMs() - nowMs - (clock.wallMs() - wallMs));
}

/**
 * Waits until a time in whole seconds differs from the newest one: of two reloads within a second, the
 * time of the first would otherwise prove the second.
 */
async function waitForNextSecond(newest: number, clock: ProbeOptions['clock']): Promise<void> {
  const leftMs = (newest + 1) * 1000 + CLOCK_LAG_MS - clock.wallMs();
  if (Number.isInteger(newest) && leftMs > 0 && leftMs <= MAX_TICK_MS) await clock.sleep(leftMs);
}

function newestOf(values: readonly number[]): number {
  // Not as arguments of one call: a page may have more series than those can be.
  return values.reduce((newest, value) => (value > newest ? value : newest), -Infinity);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), 0);
}

/**
 * Baselines by rollout; a rollback has its own. Without a path they last only as long as this process.
 * `add` returns when it is on disk. Never rejects.
 */
export function openBaselineStore(path: string | undefined) {
  let known: Promise<Map<string, ConfirmBaseline>> | undefined;
  return {
    find: async (rollout: string) => {
      known ??= readBaselines(path);
      return (await known).get(rollout);
    },
    add: async (rollout: string, baseline: ConfirmBaseline) => {
      known ??= readBaselines(path);
      const baselines = await known;
      baselines.set(rollout, baseline);
      for (const oldest of [...baselines.keys()].slice(0, -MAX_BASELINES)) baselines.delete(oldest);
      // If this fails, so does the journal beside it, and that error is reported.
      if (path !== undefined) await writeStateFile(path, [...baselines]).catch(() => {});
    },
  };
}

/** Empty for a file that was interrupted, or that is of another version of lastgood. */
async function readBaselines(path: string | undefined): Promise<Map<string, ConfirmBaseline>> {
  if (path === undefined) return new Map();
  try {
    const entries = (await readStateFile(path)) as readonly [string, ConfirmBaseline][];
    // JSON has no infinity, and writes null for it.
    return new Map(
      entries.map(([key, { wallMs, newest, sum }]) => [
        key,
        { wallMs, newest: newest ?? -Infinity, sum },
      ]),
    );
  } catch {
    return new Map();
  }
}
