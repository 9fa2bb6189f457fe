import { resolve } from 'node:path';
import type { Mapping } from '@lastgood/core/model/mapping.ts';
import { schemaFlagOf } from '../../settings/schema-flag.ts';
import type { ConfigmapReloadValues } from './flags.ts';

/** The pause of configmap-reload after a failed request. */
const PAUSE = '10s';

/** The most that the settings allow. After the last attempt, the rollout is retried anyway. */
const MAX_ATTEMPTS = 100;

/**
 * The flags as settings. Each URL has its own bundle, so that a slow or dead one delays neither the
 * others nor newer changes; with `--publish` all URLs share one: a directory holds one version.
 */
export function documentOf(values: ConfigmapReloadValues): Mapping {
  const urls = values.all('webhook-url');
  const publish = values.last('publish');
  const targets = urls.map((url) => ({ webhook: webhookOf(url, values) }));
  const what = { volumes: volumesOf(values.all('volume-dir')), ...readingOf(values) };
  const bundles =
    publish === ''
      ? targets.map((target, index) => ({ name: `webhook-${index}`, ...what, targets: [target] }))
      : [{ name: PUBLISHED_BUNDLE, ...what, publish: resolve(publish), targets }];
  return { listen: values.last('web.listen-address'), stateDir: 'none', bundles };
}

/** The bundle of all URLs with `--publish`. */
const PUBLISHED_BUNDLE = 'webhooks';

/** The index of the URL of a delivery: of its bundle, or with `--publish` of its target. */
export function indexOfUrl(bundle: string, targetIndex: number): number {
  return bundle === PUBLISHED_BUNDLE ? targetIndex : Number(bundle.replace('webhook-', ''));
}

/** Each directory once; several have a directory each in the snapshot. */
function volumesOf(dirs: readonly string[]): readonly Mapping[] {
  const paths = [...new Set(dirs.map((dir) => resolve(dir)))];
  if (paths.length === 1) return paths.map((path) => ({ path }));
  return paths.map((path, index) => ({ path, at: `dir-${index}` }));
}

function webhookOf(url: string, values: ConfigmapReloadValues): Mapping {
  const keyFile = values.last('hmac-key-file');
  return {
    url,
    method: values.last('webhook-method'),
    body: 'none',
    success: [Number(values.last('webhook-status-code'))],
    refused: [],
    followRedirects: true,
    // configmap-reload waits without end, and misses what changes meanwhile.
    timeout: '30s',
    retries: { attempts: attemptsOf(values.last('webhook-retries')), backoff: PAUSE, max: PAUSE },
    ...(keyFile === '' ? {} : { auth: { hmac: { keyFile: resolve(keyFile) } } }),
  };
}

/** Less than 0 is endless. 0 would never send a request, which makes no sense. */
function attemptsOf(retries: string): number | 'endless' {
  const count = Number(retries);
  return count < 0 ? 'endless' : Math.min(Math.max(count, 1), MAX_ATTEMPTS);
}

/**
 * Without a flag for it, files are not read, and each swap triggers a reload, as in
 * configmap-reload. With `--publish` alone they are read as bytes, so that a template that is not
 * valid YAML passes.
 */
function readingOf(values: ConfigmapReloadValues): Mapping {
  const schemas = values.all('schema').map((flag) => {
    const { glob = ALL_PARSED, value } = schemaFlagOf(flag);
    return { files: glob, schema: resolve(value) };
  });
  const shape = values.last('shape');
  const isUnread = schemas.length === 0 && shape === 'off';
  if (isUnread && values.last('publish') === '') return { reloadOn: 'swap' };
  const unread = isUnread ? [{ files: '**', format: 'binary' }] : [];
  const validate = [...unread, ...schemas, { shape }, { traps: 'off' }];
  // Several large volumes are one snapshot.
  return { maxSize: '16Mi', validate };
}

/** A copy of `PARSED_FILES`, which would load every parser at each start; a test compares them. */
export const ALL_PARSED =
  '**/*{.yaml,.yml,.json,.jsonc,.json5,.toml,.ini,.properties,.env,.pem,.crt}';
