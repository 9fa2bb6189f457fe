import { resolve } from 'node:path';
import { schemaFlagOf } from '../../settings/schema-flag.ts';
import type { FlagPlaces } from '../flag-at.ts';
import type { Values } from './flags.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** Its client waits for ever, and with it everything that changes meanwhile. */
const TIMEOUT = '30s';

/** What configmap-reload sleeps after a request that failed. */
const PAUSE = '10s';

/** `attempts` of the settings goes no further; after the last one it is tried again anyway. */
const MAX_ATTEMPTS = 100;

/** Several large volumes make one snapshot. */
const MAX_SIZE = '16Mi';

/**
 * What the flags stand for, as `lastgood.yaml` says it. A bundle for each URL, so that one that is slow
 * or dead holds up neither the others nor what changes meanwhile; with `--publish` one for all of them,
 * because one directory can only hold one version.
 */
export function documentOf(values: Values): Mapping {
  const urls = values.all('webhook-url');
  const publish = values.last('publish');
  const targets = urls.map((url) => ({ webhook: webhookOf(url, values) }));
  const what = { volumes: volumesOf(values.all('volume-dir')), ...readingOf(values) };
  const bundles =
    publish === ''
      ? targets.map((target, index) => ({ name: bundleName(index), ...what, targets: [target] }))
      : [{ name: PUBLISHED_BUNDLE, ...what, publish: resolve(publish), targets }];
  return { listen: values.last('web.listen-address'), stateDir: 'none', bundles };
}

/** Where each flag went. What the settings may refuse is told by it. */
export const PLACES: FlagPlaces = [
  ['listen', 'web.listen-address'],
  ['bundles.*.volumes', 'volume-dir'],
  ['bundles.*.publish', 'publish'],
  ['bundles.*.validate.*.shape', 'shape'],
  ['bundles.*.validate', 'schema'],
  ['bundles.*.targets.*.webhook.method', 'webhook-method'],
  ['bundles.*.targets.*.webhook.success', 'webhook-status-code'],
  ['bundles.*.targets.*.webhook.retries', 'webhook-retries'],
  ['bundles.*.targets.*.webhook.auth', 'hmac-key-file'],
  ['bundles', 'webhook-url'],
];

/** The bundle of all URLs, where there is a published directory. */
const PUBLISHED_BUNDLE = 'webhooks';

/** The bundle of one URL. */
function bundleName(index: number): string {
  return `webhook-${index}`;
}

/** Which URL a delivery was for: by its bundle, or by its place among all of them. */
export function indexOfUrl(bundle: string, targetIndex: number): number {
  return bundle === PUBLISHED_BUNDLE ? targetIndex : Number(bundle.replace(/^webhook-/, ''));
}

/** One that is named twice is one; of several, each has a directory of its own in the snapshot. */
function volumesOf(dirs: readonly string[]): readonly Mapping[] {
  const paths = [...new Set(dirs.map((dir) => resolve(dir)))];
  if (paths.length === 1) return paths.map((path) => ({ path }));
  return paths.map((path, index) => ({ path, at: `dir-${index}` }));
}

function webhookOf(url: string, values: Values): Mapping {
  const keyFile = values.last('hmac-key-file');
  return {
    url,
    method: values.last('webhook-method'),
    body: 'none',
    success: [Number(values.last('webhook-status-code'))],
    refused: [],
    followRedirects: true,
    timeout: TIMEOUT,
    retries: { attempts: attemptsOf(values.last('webhook-retries')), backoff: PAUSE, max: PAUSE },
    ...(keyFile === '' ? {} : { auth: { hmac: { keyFile: resolve(keyFile) } } }),
  };
}

/** Less than 0 counts down for ever. Of 0, which never tells anybody, nobody can mean it. */
function attemptsOf(retries: string): number | 'endless' {
  const count = Number(retries);
  return count < 0 ? 'endless' : Math.min(Math.max(count, 1), MAX_ATTEMPTS);
}

/**
 * Without a flag that asks for it nothing is read, and each swap is told as it was before. What is only
 * published is read for no more than its bytes, so that a template that is no YAML passes.
 */
function readingOf(values: Values): Mapping {
  const schemas = values.all('schema').map(schemaCheckOf);
  const shape = values.last('shape');
  const isUnread = schemas.length === 0 && shape === 'off';
  if (isUnread && values.last('publish') === '') return { reloadOn: 'swap' };
  const unread = isUnread ? [{ files: '**', format: 'binary' }] : [];
  const validate = [...unread, ...schemas, { shape }, { traps: 'off' }];
  return { maxSize: MAX_SIZE, validate };
}

/** As `PARSED_FILES`, which would load every parser at every start; a test holds the two together. */
export const ALL_PARSED =
  '**/*{.yaml,.yml,.json,.jsonc,.json5,.toml,.ini,.properties,.env,.pem,.crt}';

function schemaCheckOf(flag: string): Mapping {
  const { glob = ALL_PARSED, file } = schemaFlagOf(flag);
  return { files: glob, schema: resolve(file) };
}
