import type { Version } from '@lastgood/sdk';
import { matchesStatus } from '../http/request.ts';
import type { HttpProbeSettings } from '../settings/settings.ts';
import { shownUrl } from '../settings/shown-url.ts';
import type { Look, Probe } from './probe.ts';
import type { ProbeOptions } from './probes.ts';

/** No look waits longer for its answer. */
const PROBE_TIMEOUT_MS = 2_000;

/** Looks at a health endpoint, and at the version that the app echoes there, if that is asked for. */
export function createHttpProbe(
  settings: HttpProbeSettings,
  { client }: Pick<ProbeOptions, 'client'>,
): Probe {
  const shown = shownUrl(settings.url);
  const look: Probe['look'] = async ({ version, signal }) => {
    const { url } = settings;
    const response = await client.request({
      url,
      method: 'GET',
      timeoutMs: PROBE_TIMEOUT_MS,
      signal,
    });
    if (response.type !== 'answer')
      return {
        type: response.type === 'absent' ? 'absent' : 'bad',
        reason: `${shown}: ${response.reason}`,
      };
    if (!matchesStatus(settings.success, response.status))
      return { type: 'bad', reason: `${shown} answers status ${response.status}` };
    if (settings.versionJson === undefined) return { type: 'good' };
    return echoed(response.body, settings.versionJson, version, shown);
  };
  return { look };
}

function echoed(body: string, path: string, version: Version, shown: string): Look {
  const echo = valueAt(body, path);
  if (typeof echo !== 'string')
    return { type: 'bad', reason: `${shown} has no version at ${path} in its JSON body` };
  if (isSameVersion(echo, version)) return { type: 'good' };
  return { type: 'bad', reason: `${shown} says that the app runs on ${shownEcho(echo)}` };
}

/** The whole version, or its first 12 or more hex digits, as in the name of a published directory. */
function isSameVersion(echo: string, version: Version): boolean {
  const digits = echo.replace(/^sha256:/, '');
  return digits.length >= 12 && version.slice('sha256:'.length).startsWith(digits);
}

/** An app might echo anything; only what looks like a version is shown. */
function shownEcho(echo: string): string {
  const digits = /^(?:sha256:)?([0-9a-f]{12,64})$/.exec(echo)?.[1];
  return digits === undefined ? 'something else' : digits.slice(0, 12);
}

function valueAt(body: string, path: string): unknown {
  try {
    return path.split('.').reduce<unknown>((value, key) => {
      const isObject = typeof value === 'object' && value !== null;
      return isObject && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined;
    }, JSON.parse(body));
  } catch {
    return undefined;
  }
}
