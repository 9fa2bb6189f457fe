import { basename, relative, resolve } from 'node:path';
import { literalGlob } from '@lastgood/core/fs/literal-glob.ts';
import type { Mapping } from '@lastgood/core/model/mapping.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { schemaFlagOf } from '../../settings/schema-flag.ts';
import { durationOf, type PrometheusReloaderValues } from './flags.ts';

/** For a timeout of 0, which means no timeout in prometheus-config-reloader. */
const NO_TIMEOUT_MS = 3_600_000;

/** A wait of 0 between two attempts would be a busy loop. */
const LEAST_RETRY_MS = 100;

/** Until Prometheus starts a reload, it reports the result of the one before. */
const SIGNAL_HOLD_MS = 2_000;

/** A reload with many rules takes long, whatever the interval. */
const LEAST_PROOF_MS = 10_000;

const LEVELS: Readonly<Record<string, string>> = {
  all: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  none: 'silent',
};

/** The values of --log-level. */
export const LOG_LEVELS = Object.keys(LEVELS);

/** The flags as settings. */
export function documentOf(values: PrometheusReloaderValues): Mapping {
  const listen = values.last('listen-address');
  const webConfigFile = values.last('web-config-file');
  return {
    listen: listen === '' ? 'none' : listen,
    ...(webConfigFile === '' ? {} : { webConfigFile: resolve(webConfigFile) }),
    log: {
      level: LEVELS[values.last('log-level').toLowerCase()],
      format: values.last('log-format'),
    },
    stateDir: 'none',
    bundles: [bundleOf(values)],
  };
}

function bundleOf(values: PrometheusReloaderValues): Mapping {
  const isSignal = values.last('reload-method') === 'signal';
  const process = values.last('process-executable-name');
  const signal = { process, signal: 'SIGHUP', retries: retriesOf(values) };
  return {
    name: 'config',
    volumes: volumesOf(values),
    settle: formatDuration(durationOf(values, 'delay-interval')),
    // A configuration may be compressed, because an object of the API server holds 1 MiB at most.
    maxSize: '32Mi',
    ...expandOf(values),
    validate: checksOf(values),
    targets: [isSignal ? { signal } : { webhook: webhookOf(values) }],
    ...(isSignal ? { confirm: confirmOf(values) } : {}),
    onFailure: 'hold',
    tellAtStart: true,
  };
}

/** The path of the configuration file inside the snapshot; undefined without one. */
export function configPathOf(values: PrometheusReloaderValues): string | undefined {
  const file = values.last('config-file');
  return file === '' ? undefined : basename(file);
}

/** The file alone, without the rest of its directory; then each directory. */
function volumesOf(values: PrometheusReloaderValues): readonly Mapping[] {
  const config = values.last('config-file');
  const to = values.last('config-envsubst-file');
  // Both may be in a watched directory: one is a volume already, and lastgood writes the other.
  const ours = [config, to, to && `${to}.tmp`].filter((path) => path !== '');
  const dirs = [...new Set(values.all('watched-dir').map((dir) => resolve(dir)))];
  return [
    ...(config === '' ? [] : [{ path: resolve(config) }]),
    ...dirs.map((path, index) => {
      const exclude = ours
        .map((each) => relative(path, resolve(each)))
        .filter((each) => each !== '' && !each.startsWith('..'));
      const without = exclude.length === 0 ? {} : { exclude: exclude.map(literalGlob) };
      return { path, at: `dir-${index}`, ...without };
    }),
  ];
}

function expandOf(values: PrometheusReloaderValues): Mapping {
  const file = configPathOf(values);
  const to = values.last('config-envsubst-file');
  if (file === undefined || to === '') return {};
  const ordinalFrom = values.last('statefulset-ordinal-from-envvar');
  return { expand: { file, to: resolve(to), ...(ordinalFrom === '' ? {} : { ordinalFrom }) } };
}

/** Without a flag for it, files are read as bytes, so that every change is still reloaded. */
function checksOf(values: PrometheusReloaderValues): readonly Mapping[] {
  const config = configPathOf(values);
  const fallback = config === undefined ? '**/*{.yaml,.yml}' : literalGlob(config);
  const schemas = values.all('schema').map((flag) => {
    const { glob = fallback, value } = schemaFlagOf(flag);
    return { files: glob, format: 'yaml', schema: resolve(value) };
  });
  const rest = [{ shape: 'off' }, { traps: 'off' }];
  if (schemas.length === 0 && values.last('validate') !== 'true')
    return [{ files: '**', format: 'binary' }, ...rest];
  // The name may end in .gz, which does not show the format of the decompressed file.
  const own = config === undefined ? [] : [{ files: literalGlob(config), format: 'yaml' }];
  return [...own, ...schemas, ...rest];
}

/** Retried until it succeeds, or until there is a newer version. */
function retriesOf(values: PrometheusReloaderValues): Mapping {
  const wait = formatDuration(Math.max(durationOf(values, 'retry-interval'), LEAST_RETRY_MS));
  return { attempts: 'endless', backoff: wait, max: wait };
}

function webhookOf(values: PrometheusReloaderValues): Mapping {
  return {
    url: values.last('reload-url'),
    method: 'POST',
    body: 'none',
    success: [200],
    refused: [],
    timeout: formatDuration(durationOf(values, 'reload-timeout') || NO_TIMEOUT_MS),
    followRedirects: true,
    tls: { insecureSkipVerify: true },
    retries: retriesOf(values),
  };
}

function confirmOf(values: PrometheusReloaderValues): Mapping {
  return {
    within: formatDuration(Math.max(durationOf(values, 'watch-interval'), LEAST_PROOF_MS)),
    hold: formatDuration(SIGNAL_HOLD_MS),
    http: {
      url: values.last('runtimeinfo-url'),
      tls: { insecureSkipVerify: true },
      json: { path: 'data.reloadConfigSuccess', equals: true },
    },
  };
}
