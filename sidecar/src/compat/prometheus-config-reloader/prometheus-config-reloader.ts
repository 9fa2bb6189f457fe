import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { redactIfUrl, redactPath } from '../../io/http/redact-url.ts';
import { flagAt } from '../flag-at.ts';
import type { CompatExit, CompatRequest, Env, ReloaderCompat } from '../reloader-compat.ts';
import { configPathOf, documentOf, LOG_LEVELS, placesOf } from './document.ts';
import { FLAGS, ITS_FLAGS, type Values, valuesOf } from './flags.ts';
import { type KingpinFlags, kingpinUsage, parseKingpin } from './kingpin.ts';

const NAME = 'prometheus-config-reloader';

/** Exit codes of the program that is replaced. */
const DONE = 0;
const WRONG_LOG = 1;
const WRONG_FLAG = 2;

/** Tells Prometheus when its configuration has changed. Source: cmd/prometheus-config-reloader. */
export const prometheusConfigReloader: ReloaderCompat = { name: NAME, matches, read };

function matches(argv: readonly string[]): boolean {
  const names = argv.map((word) => /^--?([^-=][^=]*)/.exec(word)?.[1]);
  return ITS_FLAGS.some(({ name }) => names.includes(name));
}

function read(argv: readonly string[], env: Env): CompatRequest | CompatExit {
  const parsed = parseKingpin(argv, FLAGS);
  // As the program itself does it: what is wrong on standard output, and the usage is not.
  if (!parsed.ok)
    return { exitCode: WRONG_FLAG, stdout: `${parsed.wrong}\n`, stderr: findingOn(parsed) };
  const values = valuesOf(parsed.values);
  if (values.isOn('help')) return { exitCode: DONE, stdout: '', stderr: kingpinUsage(NAME, FLAGS) };
  if (values.isOn('version'))
    return { exitCode: DONE, stdout: `${NAME}, as lastgood ${manifest.version}\n`, stderr: '' };
  const wrong = wrongLog(values);
  if (wrong !== undefined) return { exitCode: WRONG_LOG, stdout: '', stderr: `${wrong}\n` };
  if (watchedOf(values).length === 0)
    return { exitCode: WRONG_FLAG, stdout: `${NOTHING}\n`, stderr: '' };
  return requestOf(values, env);
}

/** Its words do not say which flag they are about; standard error does. */
function findingOn({ wrong, flag }: KingpinFlags & { readonly ok: false }): string {
  if (flag === undefined) return '';
  return `lastgood: ${formatFinding(findingOf('LG_USAGE', [wrong], { file: `--${flag}` }))}\n`;
}

const NOTHING = 'nothing to be watched: --config-file or --watched-dir must name it';

function wrongLog(values: Values): string | undefined {
  const level = values.one('log-level');
  if (!LOG_LEVELS.includes(level.toLowerCase()))
    return `log log_level ${redactIfUrl(level)} unknown, [${LOG_LEVELS.join(' ')}] are possible values`;
  const format = values.one('log-format');
  if (format !== 'json' && format !== 'logfmt')
    return `log format ${redactIfUrl(format)} unknown, [logfmt json] are possible values`;
  return undefined;
}

function requestOf(values: Values, env: Env): CompatRequest {
  return {
    document: documentOf(values),
    flagAt: (path) => flagAt(placesOf(values), path),
    once: values.duration('watch-interval') === 0,
    metricsPath: '/metrics',
    health: '{"status":"up"}',
    missing: () => missingOf(values),
    createMetricsAdapter: async (registry) => {
      const { createMetricsAdapter } = await import('./metrics-adapter.ts');
      const isExpanded = values.one('config-envsubst-file') !== '';
      return createMetricsAdapter(registry, {
        method: values.one('reload-method') === 'signal' ? 'signal' : 'http',
        watched: watchedOf(values).length,
        expanded: isExpanded ? configPathOf(values) : undefined,
        env,
        ordinalFrom: values.one('statefulset-ordinal-from-envvar'),
      });
    },
  };
}

interface Watched {
  readonly kind: 'config file' | 'directory';
  readonly path: string;
}

function watchedOf(values: Values): readonly Watched[] {
  const config = values.one('config-file');
  return [
    ...(config === '' ? [] : [{ kind: 'config file' as const, path: config }]),
    ...values.all('watched-dir').map((path) => ({ kind: 'directory' as const, path })),
  ];
}

/** It ends where something cannot be watched, so that a wrong path shows when the pod starts. */
async function missingOf(values: Values): Promise<string | undefined> {
  for (const { kind, path } of watchedOf(values)) {
    try {
      await access(path, constants.R_OK);
    } catch (thrown) {
      const reason = reasonOf(thrown);
      return `add ${kind} ${redactPath(path)} to watcher: ${REASONS[reason] ?? reason}`;
    }
  }
  return undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
};
