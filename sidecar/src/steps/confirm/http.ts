import type { Version } from '@lastgood/core/model/snapshot.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import { redactUrl } from '../../io/http/redact-url.ts';
import type { HttpProbeSettings, JsonProbeSettings } from '../../settings/settings.ts';
import { fetchPage } from './fetch-page.ts';
import { findJson } from './find-json.ts';
import { GOOD, type Probe, type ProbeOptions } from './probe.ts';

/** Checks a health endpoint and, if set, the app's version and one more value in its JSON body. */
export function createHttpProbe(
  settings: HttpProbeSettings,
  { client, sealed }: Pick<ProbeOptions, 'client' | 'sealed'>,
): Probe {
  const { success, versionJson, json } = settings;
  const paths = [versionJson, json?.path].filter((path) => path !== undefined).map(stepsOf);
  const usesBody = paths.length > 0;
  const isEnough = (text: string) => paths.every((path) => findJson(text, path) !== undefined);
  const shown = redactUrl(settings.url);
  return {
    observe: async ({ version, signal }) => {
      const page = await fetchPage(settings, { client, success, signal, usesBody, isEnough });
      if (page.type !== 'page') return page;
      const { body, bodyEnd } = page;
      if (bodyEnd === 'cut' && !isEnough(body))
        return { type: 'bad', reason: `${shown} ends its answer in the middle` };
      const problem =
        (versionJson === undefined ? undefined : checkVersion(body, versionJson, version)) ??
        (json === undefined ? undefined : checkValue(body, json, sealed));
      return problem === undefined ? GOOD : { type: 'bad', reason: `${shown} ${problem}` };
    },
  };
}

function checkValue(
  body: string,
  { path, equals }: JsonProbeSettings,
  sealed: boolean,
): string | undefined {
  const value = findJson(body, stepsOf(path));
  if (value === equals) return undefined;
  if (value === undefined) return `has no value at ${path} in its JSON body`;
  // A string may be a secret even if it is in the settings (P8).
  const isSecret = sealed && typeof equals === 'string';
  const expected = isSecret ? 'not as expected' : `not ${formatScalar(equals)}`;
  const isShown = !sealed && (value === null || typeof value !== 'object');
  const what = isShown ? `${formatScalar(value)}, ${expected}` : expected;
  return `reports that ${path} is ${what}`;
}

function formatScalar(value: unknown): string {
  return truncate(JSON.stringify(value));
}

function checkVersion(body: string, path: string, version: Version): string | undefined {
  const echo = findJson(body, stepsOf(path));
  if (typeof echo !== 'string') return `has no version at ${path} in its JSON body`;
  if (isSameVersion(echo, version)) return undefined;
  // An app might echo anything; only what looks like a version is shown.
  const digits = /^(?:sha256:)?([0-9a-f]{12,64})$/.exec(echo)?.[1];
  return `reports that the app runs on ${digits?.slice(0, 12) ?? 'something else'}`;
}

/** The whole version, or at least its first 12 hex digits, as in the name of a published directory. */
function isSameVersion(echo: string, version: Version): boolean {
  const digits = echo.replace(/^sha256:/, '');
  return digits.length >= 12 && version.slice('sha256:'.length).startsWith(digits);
}

function stepsOf(path: string): readonly string[] {
  return path.split('.');
}
