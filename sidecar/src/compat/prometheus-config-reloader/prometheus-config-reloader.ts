import { findingOf } from '@lastgood/core/model/error.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { redactIfUrl, redactPath } from '../../io/http/redact-url.ts';
import type { Env } from '../../steps/expand/expand.ts';
import { findUnreadable } from '../find-unreadable.ts';
import { parseFlags, relativePath, valuesOf } from '../flags.ts';
import { KINGPIN } from '../kingpin-dialect.ts';
import type { CompatExit, CompatRequest, ReloaderCompat } from '../reloader-compat.ts';
import { configPathOf, documentOf, LOG_LEVELS } from './document.ts';
import { durationOf, FLAGS, type PrometheusReloaderValues, RELOADER_FLAGS } from './flags.ts';

const NAME = 'prometheus-config-reloader';

/** Exit codes of prometheus-config-reloader. */
const EXIT = { done: 0, wrongLog: 1, wrongFlag: 2 };

/** Reloads Prometheus after a change. Source: cmd/prometheus-config-reloader. */
export const prometheusConfigReloader: ReloaderCompat = {
  name: NAME,
  ownFlags: RELOADER_FLAGS,
  read(argv, env) {
    const parsed = parseFlags(argv, FLAGS, KINGPIN);
    // Like the program itself: the problem on standard output, without the usage.
    if (!parsed.ok) {
      const { problem, flag } = parsed;
      if (flag === undefined) return exit(EXIT.wrongFlag, `${problem}\n`);
      // The program's own words do not name the flag; standard error does.
      const finding = findingOf('LG_USAGE', [problem], { file: `--${flag}` });
      return exit(EXIT.wrongFlag, `${problem}\n`, `lastgood: ${formatFinding(finding)}\n`);
    }
    const values: PrometheusReloaderValues = valuesOf(FLAGS, parsed.values);
    if (values.last('help') === 'true') return exit(EXIT.done, '', KINGPIN.usage(NAME, FLAGS));
    if (values.last('version') === 'true')
      return exit(EXIT.done, `${NAME}, as lastgood ${manifest.version}\n`);
    const problem = logProblem(values);
    if (problem !== undefined) return exit(EXIT.wrongLog, '', `${problem}\n`);
    if (watchedPaths(values).length === 0) return exit(EXIT.wrongFlag, `${NOTHING}\n`);
    return requestOf(values, env);
  },
};

function exit(exitCode: number, stdout: string, stderr = ''): CompatExit {
  return { exitCode, stdout, stderr };
}

const NOTHING = 'nothing to be watched: --config-file or --watched-dir must name it';

function logProblem(values: PrometheusReloaderValues): string | undefined {
  const level = values.last('log-level');
  if (!LOG_LEVELS.includes(level.toLowerCase()))
    return `log log_level ${redactIfUrl(level)} unknown, [${LOG_LEVELS.join(' ')}] are possible values`;
  const format = values.last('log-format');
  if (format !== 'json' && format !== 'logfmt')
    return `log format ${redactIfUrl(format)} unknown, [logfmt json] are possible values`;
  return undefined;
}

function requestOf(values: PrometheusReloaderValues, env: Env): CompatRequest {
  return {
    document: documentOf(values),
    flagAt: values.flagAt,
    hidden: relativePath(values.last('web-config-file')),
    once: durationOf(values, 'watch-interval') === 0,
    metricsPath: '/metrics',
    health: '{"status":"up"}',
    missing: () => findUnreadable(watchedPaths(values)),
    createMetricsAdapter: async (registry) => {
      const { createMetricsAdapter } = await import('./metrics-adapter.ts');
      const isExpanded = values.last('config-envsubst-file') !== '';
      return createMetricsAdapter(registry, {
        method: values.last('reload-method') === 'signal' ? 'signal' : 'http',
        watched: watchedPaths(values).length,
        expanded: isExpanded ? configPathOf(values) : undefined,
        env,
        ordinalFrom: values.last('statefulset-ordinal-from-envvar'),
      });
    },
  };
}

function watchedPaths(values: PrometheusReloaderValues) {
  const describe = (kind: string, path: string) => ({
    path,
    problem: `add ${kind} ${redactPath(path)} to watcher`,
  });
  const config = values.last('config-file');
  return [
    ...(config === '' ? [] : [describe('config file', config)]),
    ...values.all('watched-dir').map((path) => describe('directory', path)),
  ];
}
