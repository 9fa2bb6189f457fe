import { findingOf } from '@lastgood/core/model/error.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { redactIfUrl, redactPath } from '../../io/http/redact-url.ts';
import { valuesOf } from '../flags.ts';
import { KINGPIN } from '../kingpin-dialect.ts';
import { parseFlags } from '../parse-flags.ts';
import { readProblem } from '../read-problem.ts';
import type { CompatRequest, Env, ReloaderCompat } from '../reloader-compat.ts';
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
      const stderr = flag === undefined ? '' : namedProblem(problem, flag);
      return { exitCode: EXIT.wrongFlag, stdout: `${problem}\n`, stderr };
    }
    const values: PrometheusReloaderValues = valuesOf(FLAGS, parsed.values);
    if (values.last('help') === 'true')
      return { exitCode: EXIT.done, stdout: '', stderr: KINGPIN.usage(NAME, FLAGS) };
    if (values.last('version') === 'true')
      return {
        exitCode: EXIT.done,
        stdout: `${NAME}, as lastgood ${manifest.version}\n`,
        stderr: '',
      };
    const problem = logProblem(values);
    if (problem !== undefined)
      return { exitCode: EXIT.wrongLog, stdout: '', stderr: `${problem}\n` };
    if (watchedPaths(values).length === 0)
      return { exitCode: EXIT.wrongFlag, stdout: `${NOTHING}\n`, stderr: '' };
    return requestOf(values, env);
  },
};

/** The program's own words do not name the flag; standard error does. */
function namedProblem(problem: string, flag: string): string {
  const finding = findingOf('LG_USAGE', [problem], { file: `--${flag}` });
  return `lastgood: ${formatFinding(finding)}\n`;
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
    once: durationOf(values, 'watch-interval') === 0,
    metricsPath: '/metrics',
    health: '{"status":"up"}',
    missing: () => findMissing(values),
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
  const config = values.last('config-file');
  return [
    ...(config === '' ? [] : [{ kind: 'config file', path: config }]),
    ...values.all('watched-dir').map((path) => ({ kind: 'directory', path })),
  ];
}

/** Like the reloader, lastgood exits for a wrong path, so that it shows when the pod starts. */
async function findMissing(values: PrometheusReloaderValues): Promise<string | undefined> {
  for (const { kind, path } of watchedPaths(values)) {
    const problem = await readProblem(path);
    if (problem !== undefined) return `add ${kind} ${redactPath(path)} to watcher: ${problem}`;
  }
  return undefined;
}
