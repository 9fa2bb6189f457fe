import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { reasonOf } from '@lastgood/core/model/error.ts';
import { redactPath } from '../../io/http/redact-url.ts';
import { flagAt } from '../flag-at.ts';
import { goUsage, parseGoFlags } from '../go-flags.ts';
import type { CompatExit, CompatRequest, ReloaderCompat } from '../reloader-compat.ts';
import { documentOf, PLACES } from './document.ts';
import { FLAGS, ITS_FLAGS, type Values, valuesOf } from './flags.ts';
import { labelOfWebhook } from './webhook-url.ts';

const NAME = 'configmap-reload';

/** Exit codes of the program that is replaced; a wrong flag is 2, as Go's package `flag` has it. */
const HELP = 0;
const INCOMPLETE = 1;
const WRONG_FLAG = 2;

/** Sends a request to URLs when a ConfigMap's volume has changed. Source: configmap-reload.go. */
export const configmapReload: ReloaderCompat = { name: NAME, matches, read };

function matches(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const names = (end === -1 ? argv : argv.slice(0, end)).map(
    (word) => /^--?([^-=][^=]*)/.exec(word)?.[1],
  );
  return ITS_FLAGS.some(({ name }) => names.includes(name));
}

function read(argv: readonly string[]): CompatRequest | CompatExit {
  const parsed = parseGoFlags(argv, FLAGS);
  if (!parsed.ok)
    return parsed.wrong === 'help' ? ended(HELP) : ended(WRONG_FLAG, `${parsed.wrong}\n`);
  const values = valuesOf(parsed.values);
  for (const name of ['volume-dir', 'webhook-url'] as const)
    if (values.all(name).length === 0) return ended(INCOMPLETE, `Missing ${name}\n\n`);
  return requestOf(values);
}

function ended(exitCode: number, why = ''): CompatExit {
  return { exitCode, stdout: '', stderr: why + goUsage(NAME, FLAGS) };
}

function requestOf(values: Values): CompatRequest {
  return {
    document: documentOf(values),
    flagAt: (path) => flagAt(PLACES, path),
    once: false,
    metricsPath: values.last('web.telemetry-path'),
    missing: () => missingOf(values.all('volume-dir')),
    createMetricsAdapter: async (registry) => {
      const { createMetricsAdapter } = await import('./metrics-adapter.ts');
      return createMetricsAdapter(registry, values.all('webhook-url').map(labelOfWebhook));
    },
  };
}

/** It ends where a volume cannot be watched, so that a wrong path shows when the pod starts. */
async function missingOf(dirs: readonly string[]): Promise<string | undefined> {
  for (const dir of dirs) {
    const why = await whyUnwatched(dir);
    if (why !== undefined) return `cannot watch ${JSON.stringify(redactPath(dir))}: ${why}`;
  }
  return undefined;
}

async function whyUnwatched(dir: string): Promise<string | undefined> {
  try {
    await access(dir, constants.R_OK);
    return undefined;
  } catch (thrown) {
    const reason = reasonOf(thrown);
    return { ENOENT: 'no such file or directory', EACCES: 'permission denied' }[reason] ?? reason;
  }
}
