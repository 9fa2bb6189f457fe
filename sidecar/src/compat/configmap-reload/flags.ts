import { SHAPE_MODES } from '../../settings/settings.ts';
import { type CompatFlags, oneOf, type Values } from '../flags.ts';

/** The flags of configmap-reload. Names and defaults are its contract. */
export const RELOADER_FLAGS = {
  'volume-dir': {
    kind: 'list',
    help: 'Directory to watch, where the ConfigMap is mounted; repeatable',
    places: 'bundles.*.volumes',
  },
  'webhook-url': {
    kind: 'list',
    help: 'URL to request after a change; repeatable',
    sealed: true,
    problem: webhookUrlProblem,
    places: 'bundles',
  },
  'webhook-method': {
    help: 'HTTP method of the request',
    default: 'POST',
    problem: oneOf(['POST', 'PUT', 'GET', 'PATCH', 'DELETE']),
    places: 'bundles.*.targets.*.webhook.method',
  },
  'webhook-status-code': {
    kind: 'int',
    help: 'HTTP status of a successful reload',
    default: '200',
    problem: (code) => (/^[1-5]\d\d$/.test(code) ? undefined : 'must be from 100 to 599'),
    places: 'bundles.*.targets.*.webhook.success',
  },
  'webhook-retries': {
    kind: 'int',
    help: 'Attempts per change; less than 0: retry until it succeeds',
    default: '1',
    places: 'bundles.*.targets.*.webhook.retries',
  },
  'web.listen-address': {
    help: 'Address of metrics, probes and status',
    default: ':9533',
    places: 'listen',
  },
  'web.telemetry-path': {
    help: 'Path of the metrics, in addition to /metrics',
    default: '/metrics',
    problem: (path) =>
      /^(?:\/[\w.~-]+)+$/.test(path) ? undefined : 'must be a path such as /metrics',
  },
} as const satisfies CompatFlags;

/** The flags that lastgood adds. */
export const LASTGOOD_FLAGS = {
  schema: {
    kind: 'list',
    help: 'Validate files before a reload: JSON Schema FILE or GLOB=FILE; repeatable',
    places: 'bundles.*.validate',
  },
  shape: {
    help: 'Compare each change with the last good version: off, warn, compatible or same',
    default: 'off',
    problem: oneOf(SHAPE_MODES),
    places: 'bundles.*.validate.*.shape',
  },
  publish: {
    help: 'Directory for the app to read; gets good versions only, accepted by every URL',
    places: 'bundles.*.publish',
  },
  'hmac-key-file': {
    help: 'Sign each request with the key in this file (header Lastgood-Signature)',
    places: 'bundles.*.targets.*.webhook.auth',
  },
} as const satisfies CompatFlags;

export const FLAGS = { ...RELOADER_FLAGS, ...LASTGOOD_FLAGS };

export type ConfigmapReloadValues = Values<keyof typeof FLAGS>;

/** Why a text is not the URL of a webhook; undefined if it is. Never quotes it (P8). */
export function webhookUrlProblem(url: string): string | undefined {
  if (!/^(?:https?|unix):/.test(url))
    return 'invalid URL: it must begin with http://, https:// or unix:/';
  if (/^unix:\/[^:]+(?::\/.*)?$/.test(url)) return undefined;
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return undefined;
  return 'invalid URL: it cannot be parsed';
}
