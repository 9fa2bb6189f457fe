import { basename, relative, resolve } from 'node:path';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { schemaFlagOf } from '../../settings/schema-flag.ts';
import type { FlagPlaces } from '../flag-at.ts';
import type { Values } from './flags.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** Its name in logs, metrics and the status. */
export const BUNDLE = 'config';

/** A configuration comes as gzip because an object of the API server holds no more than 1 MiB. */
const MAX_SIZE = '32Mi';

/** For a timeout of 0, which is none in the program that is replaced. */
const NO_TIMEOUT_MS = 3_600_000;

/** A wait of 0 between two tries would be a busy loop. */
const LEAST_RETRY_MS = 100;

/** Prometheus answers with the outcome of the reload before until it has begun with the new one. */
const SIGNAL_HOLD_MS = 2_000;

/** A reload with many rules takes its time, whatever the interval is. */
const LEAST_PROOF_MS = 10_000;

const LEVELS: Readonly<Record<string, string>> = {
  all: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  none: 'silent',
};

/** The words of the flag --log-level. */
export const LOG_LEVELS = Object.keys(LEVELS);

/** What the flags stand for, as `lastgood.yaml` says it. */
export function documentOf(values: Values): Mapping {
  const listen = values.one('listen-address');
  const webConfigFile = values.one('web-config-file');
  return {
    listen: listen === '' ? 'none' : listen,
    ...(webConfigFile === '' ? {} : { webConfigFile: resolve(webConfigFile) }),
    log: {
      level: LEVELS[values.one('log-level').toLowerCase()],
      format: values.one('log-format'),
    },
    stateDir: 'none',
    bundles: [bundleOf(values)],
  };
}

function bundleOf(values: Values): Mapping {
  const isSignal = values.one('reload-method') === 'signal';
  return {
    name: BUNDLE,
    volumes: volumesOf(values),
    settle: formatDuration(values.duration('delay-interval')),
    maxSize: MAX_SIZE,
    ...expandOf(values),
    validate: checksOf(values),
    targets: [isSignal ? { signal: signalOf(values) } : { webhook: webhookOf(values) }],
    ...(isSignal ? { confirm: confirmOf(values) } : {}),
    onFailure: 'hold',
    tellAtStart: true,
  };
}

/** Where each flag went. What the settings may refuse is told by it. */
export function placesOf(values: Values): FlagPlaces {
  const hasConfig = values.one('config-file') !== '';
  return [
    ['listen', 'listen-address'],
    ['webConfigFile', 'web-config-file'],
    ['log.level', 'log-level'],
    ['log.format', 'log-format'],
    ...(hasConfig ? [['bundles.*.volumes.0', 'config-file'] as const] : []),
    ['bundles.*.volumes', 'watched-dir'],
    ['bundles.*.settle', 'delay-interval'],
    ['bundles.*.expand.ordinalFrom', 'statefulset-ordinal-from-envvar'],
    ['bundles.*.expand.file', 'config-file'],
    ['bundles.*.expand', 'config-envsubst-file'],
    ['bundles.*.validate.*.schema', 'schema'],
    ['bundles.*.validate.*.files', 'schema'],
    ['bundles.*.targets.*.webhook.url', 'reload-url'],
    ['bundles.*.targets.*.webhook.timeout', 'reload-timeout'],
    ['bundles.*.targets.*.*.retries', 'retry-interval'],
    ['bundles.*.targets.*.signal', 'process-executable-name'],
    ['bundles.*.confirm.within', 'watch-interval'],
    ['bundles.*.confirm', 'runtimeinfo-url'],
  ];
}

/** The path inside the snapshot of the configuration file; undefined where there is none. */
export function configPathOf(values: Values): string | undefined {
  const file = values.one('config-file');
  return file === '' ? undefined : basename(file);
}

/** The file by itself, so that of its directory nothing else counts; then each directory as a whole. */
function volumesOf(values: Values): readonly Mapping[] {
  const config = values.one('config-file');
  const to = values.one('config-envsubst-file');
  // Both may stand in a directory that is watched: the one is there already, the other is our own.
  const ours = [config, to, to && `${to}.tmp`].filter((path) => path !== '');
  const dirs = [...new Set(values.all('watched-dir').map((dir) => resolve(dir)))];
  return [
    ...(config === '' ? [] : [{ path: resolve(config) }]),
    ...dirs.map((path, index) => {
      const exclude = ours.map((each) => relative(path, resolve(each))).filter(isBelow);
      const without = exclude.length === 0 ? {} : { exclude: exclude.map(literal) };
      return { path, at: `dir-${index}`, ...without };
    }),
  ];
}

function isBelow(path: string): boolean {
  return path !== '' && !path.startsWith('..');
}

/** A path as a glob that means nothing but it. */
function literal(path: string): string {
  return path.replace(/[\\*?[\]{}()!+@|]/g, '\\$&');
}

function expandOf(values: Values): Mapping {
  const file = configPathOf(values);
  const to = values.one('config-envsubst-file');
  if (file === undefined || to === '') return {};
  const ordinalFrom = values.one('statefulset-ordinal-from-envvar');
  return { expand: { file, to: resolve(to), ...(ordinalFrom === '' ? {} : { ordinalFrom }) } };
}

/**
 * Without a flag that asks for it no file is read for more than its bytes: what was reloaded before is
 * reloaded now.
 */
function checksOf(values: Values): readonly Mapping[] {
  const schemas = values.all('schema').map((flag) => schemaOf(flag, values));
  const rest = [{ shape: 'off' }, { traps: 'off' }];
  if (schemas.length === 0 && !values.isOn('validate'))
    return [{ files: '**', format: 'binary' }, ...rest];
  // Its name may end in .gz, which says nothing of what it is expanded to.
  const config = configPathOf(values);
  const own = config === undefined ? [] : [{ files: literal(config), format: 'yaml' }];
  return [...own, ...schemas, ...rest];
}

function schemaOf(flag: string, values: Values): Mapping {
  const config = configPathOf(values);
  const fallback = config === undefined ? '**/*{.yaml,.yml}' : literal(config);
  const { glob = fallback, file } = schemaFlagOf(flag);
  return { files: glob, format: 'yaml', schema: resolve(file) };
}

/** Tried until it succeeds, or until there is something newer. */
function retriesOf(values: Values): Mapping {
  const wait = formatDuration(Math.max(values.duration('retry-interval'), LEAST_RETRY_MS));
  return { attempts: 'endless', backoff: wait, max: wait };
}

function webhookOf(values: Values): Mapping {
  return {
    url: values.one('reload-url'),
    method: 'POST',
    body: 'none',
    success: [200],
    refused: [],
    timeout: formatDuration(values.duration('reload-timeout') || NO_TIMEOUT_MS),
    followRedirects: true,
    tls: { insecureSkipVerify: true },
    retries: retriesOf(values),
  };
}

function signalOf(values: Values): Mapping {
  return {
    process: values.one('process-executable-name'),
    signal: 'SIGHUP',
    retries: retriesOf(values),
  };
}

function confirmOf(values: Values): Mapping {
  return {
    within: formatDuration(Math.max(values.duration('watch-interval'), LEAST_PROOF_MS)),
    hold: formatDuration(SIGNAL_HOLD_MS),
    http: {
      url: values.one('runtimeinfo-url'),
      tls: { insecureSkipVerify: true },
      json: { path: 'data.reloadConfigSuccess', equals: true },
    },
  };
}
