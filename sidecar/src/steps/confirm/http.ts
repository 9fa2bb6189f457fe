import type { Version } from '@lastgood/core/model/snapshot.ts';
import { redactUrl } from '../../io/http/redact-url.ts';
import type { HttpProbeSettings, JsonProbeSettings } from '../../settings/settings.ts';
import { fetchPage } from './fetch-page.ts';
import type { Look, Probe } from './probe.ts';
import type { ProbeOptions } from './probes.ts';

/** No more of a value is shown. */
const MAX_SHOWN = 60;

/**
 * Looks at a health endpoint, and at what its JSON body says there, if that is asked for: the version
 * that the app runs on, and one value more.
 */
export function createHttpProbe(
  settings: HttpProbeSettings,
  { client, sealed }: Pick<ProbeOptions, 'client' | 'sealed'>,
): Probe {
  const { success, versionJson, json } = settings;
  const shown = redactUrl(settings.url);
  const look: Probe['look'] = async ({ version, signal }) => {
    const page = await fetchPage(settings, { client, success, signal });
    if (page.type !== 'page') return page;
    if (versionJson === undefined && json === undefined) return GOOD;
    const said = parsed(page.body);
    const echo = versionJson === undefined ? GOOD : echoed(said, versionJson, version, shown);
    if (echo.type !== 'good' || json === undefined) return echo;
    return equal(said, json, { shown, sealed });
  };
  return { look };
}

const GOOD: Look = { type: 'good' };

function equal(
  said: unknown,
  { path, equals }: JsonProbeSettings,
  { shown, sealed }: { readonly shown: string; readonly sealed: boolean },
): Look {
  const value = valueAt(said, path);
  if (value === equals) return GOOD;
  if (value === undefined)
    return { type: 'bad', reason: `${shown} has nothing at ${path} in its JSON body` };
  // A text may be a secret even where it stands in the settings (P8).
  const isSecret = sealed && typeof equals === 'string';
  const other = isSecret ? 'something else' : `not ${shownScalar(equals)}`;
  const isShown = !sealed && (value === null || typeof value !== 'object');
  const what = isShown ? `${shownScalar(value)} and ${other}` : other;
  return { type: 'bad', reason: `${shown} says that ${path} is ${what}` };
}

function shownScalar(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function echoed(said: unknown, path: string, version: Version, shown: string): Look {
  const echo = valueAt(said, path);
  if (typeof echo !== 'string')
    return { type: 'bad', reason: `${shown} has no version at ${path} in its JSON body` };
  if (isSameVersion(echo, version)) return GOOD;
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

/** Undefined for what is no JSON, which has nothing anywhere. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What stands at a dotted path; in a list, whole numbers are indexes. */
function valueAt(said: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return /^\d+$/.test(key) ? value[Number(key)] : undefined;
    const isObject = typeof value === 'object' && value !== null;
    return isObject && Object.hasOwn(value, key)
      ? (value as Record<string, unknown>)[key]
      : undefined;
  }, said);
}
