import { redactPath } from '../../io/http/redact-url.ts';
import { findUnreadable } from '../find-unreadable.ts';
import { parseFlags, relativePath, valuesOf } from '../flags.ts';
import { GO, HELP } from '../go-dialect.ts';
import type { CompatExit, CompatRequest, ReloaderCompat } from '../reloader-compat.ts';
import { documentOf } from './document.ts';
import { type ConfigmapReloadValues, FLAGS, RELOADER_FLAGS } from './flags.ts';

/** Exit codes of configmap-reload; a wrong flag is 2, as in Go's package `flag`. */
const EXIT = { help: 0, incomplete: 1, wrongFlag: 2 };

/** Sends a request to URLs after a change in a ConfigMap's volume. Source: configmap-reload.go. */
export const configmapReload: ReloaderCompat = {
  name: 'configmap-reload',
  ownFlags: RELOADER_FLAGS,
  read(argv) {
    const parsed = parseFlags(argv, FLAGS, GO);
    if (!parsed.ok)
      return parsed.problem === HELP
        ? exit(EXIT.help)
        : exit(EXIT.wrongFlag, `${parsed.problem}\n`);
    const values: ConfigmapReloadValues = valuesOf(FLAGS, parsed.values);
    for (const name of ['volume-dir', 'webhook-url'] as const)
      if (values.all(name).length === 0) return exit(EXIT.incomplete, `Missing ${name}\n\n`);
    return requestOf(values);
  },
};

function exit(exitCode: number, problem = ''): CompatExit {
  return { exitCode, stdout: '', stderr: problem + GO.usage(configmapReload.name, FLAGS) };
}

function requestOf(values: ConfigmapReloadValues): CompatRequest {
  const watched = values.all('volume-dir').map((path) => ({
    path,
    problem: `cannot watch ${JSON.stringify(redactPath(path))}`,
  }));
  return {
    document: documentOf(values),
    flagAt: values.flagAt,
    hidden: relativePath(values.last('hmac-key-file')),
    once: false,
    metricsPath: values.last('web.telemetry-path'),
    missing: () => findUnreadable(watched),
    createMetricsAdapter: async (registry) => {
      const { createMetricsAdapter } = await import('./metrics-adapter.ts');
      return createMetricsAdapter(registry, values.all('webhook-url'));
    },
  };
}
