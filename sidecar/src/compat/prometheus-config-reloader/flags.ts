import type { CompatFlags, Values } from '../flags.ts';
import { goDuration } from './go-duration.ts';

/** The flags that only prometheus-config-reloader has. Names and defaults are its contract. */
export const RELOADER_FLAGS = {
  'config-file': {
    help: 'Configuration file to watch',
    places: ['bundles.*.volumes.0', 'bundles.*.expand.file'],
  },
  'config-envsubst-file': {
    help: 'Write that file here, decompressed and with $(VARIABLES) replaced',
    places: 'bundles.*.expand',
  },
  'watch-interval': {
    help: '0: write once and exit. Else watch for changes, and check for missed ones every minute',
    default: '3m0s',
    problem: durationProblem,
    places: 'bundles.*.confirm.within',
  },
  'delay-interval': {
    help: 'How long files must not change before a reload',
    default: '1s',
    problem: durationProblem,
    places: 'bundles.*.settle',
  },
  'retry-interval': {
    help: 'Wait after a failed reload',
    default: '5s',
    problem: durationProblem,
    places: 'bundles.*.targets.*.*.retries',
  },
  'reload-timeout': {
    help: 'Timeout of a reload request',
    default: '30s',
    problem: durationProblem,
    places: 'bundles.*.targets.*.webhook.timeout',
  },
  'auto-gomemlimit-ratio': {
    help: 'Accepted without effect: there is no Go runtime to limit',
    default: '0.0',
    problem: (value) =>
      value.trim() !== '' && Number.isFinite(Number(value))
        ? undefined
        : `strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`,
  },
  'watched-dir': {
    kind: 'list',
    help: 'Directory to watch, including subdirectories; repeatable',
    places: 'bundles.*.volumes',
  },
  'reload-method': {
    help: 'How to reload: http or signal',
    default: 'http',
    problem: (value) =>
      ['http', 'signal'].includes(value)
        ? undefined
        : `enum value must be one of http,signal, got '${value}'`,
  },
  'process-executable-name': {
    help: 'Executable of the process to signal',
    default: 'prometheus',
    places: 'bundles.*.targets.*.signal',
  },
  'statefulset-ordinal-from-envvar': {
    help: 'Variable whose trailing number is $(STATEFULSET_ORDINAL_NUMBER)',
    default: 'POD_NAME',
    places: 'bundles.*.expand.ordinalFrom',
  },
  'listen-address': {
    help: 'Address of metrics, probes and status; empty: do not serve them',
    places: 'listen',
  },
  'web-config-file': {
    help: 'File that sets TLS and passwords for that address',
    default: '',
    places: 'webConfigFile',
  },
  'reload-url': {
    help: 'URL that reloads the configuration',
    default: 'http://127.0.0.1:9090/-/reload',
    problem: urlProblem,
    places: 'bundles.*.targets.*.webhook.url',
  },
  'runtimeinfo-url': {
    help: 'URL that shows whether a reload by signal succeeded',
    default: 'http://127.0.0.1:9090/api/v1/status/runtimeinfo',
    problem: urlProblem,
    places: 'bundles.*.confirm',
  },
} as const satisfies CompatFlags;

/** Flags that other programs have too, or that lastgood adds. */
export const SHARED_FLAGS = {
  help: { kind: 'bool', help: 'Print this help and exit' },
  version: { kind: 'bool', help: 'Print the version and exit' },
  'log-format': {
    help: 'logfmt or json',
    default: 'logfmt',
    places: 'log.format',
  },
  'log-level': {
    help: 'all, debug, info, warn, error or none',
    default: 'info',
    places: 'log.level',
  },
  validate: {
    kind: 'bool',
    help: 'Validate files before they are written or reloaded, and hold back invalid ones',
  },
  schema: {
    kind: 'list',
    help: 'Validate the configuration file too: JSON Schema FILE or GLOB=FILE; repeatable',
    places: ['bundles.*.validate.*.schema', 'bundles.*.validate.*.files'],
  },
} as const satisfies CompatFlags;

export const FLAGS = { ...RELOADER_FLAGS, ...SHARED_FLAGS };

type FlagName = keyof typeof FLAGS;

export type PrometheusReloaderValues = Values<FlagName>;

/** The value of a flag that is a duration, in milliseconds. */
export function durationOf(values: PrometheusReloaderValues, name: FlagName): number {
  const read = goDuration(values.last(name));
  return 'ms' in read ? read.ms : 0;
}

function durationProblem(value: string): string | undefined {
  const read = goDuration(value);
  return 'problem' in read ? read.problem : undefined;
}

/** Never quotes the URL, which may contain a password (P8). */
function urlProblem(url: string): string | undefined {
  if (!/^https?:\/\//.test(url)) return 'invalid URL: it must begin with http:// or https://';
  return URL.canParse(url) ? undefined : 'invalid URL: it cannot be parsed';
}
