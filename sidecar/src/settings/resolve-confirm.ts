import { commandOf, processOf, requestOf } from './resolve-targets.ts';
import type { BundleDocument } from './schema.ts';
import type {
  ConfirmSettings,
  HttpProbeSettings,
  MetricProbeSettings,
  ProcessProbeSettings,
  TargetSettings,
} from './settings.ts';

type ConfirmDocument = NonNullable<BundleDocument['confirm']>;

/** The proof of a bundle; `alive` means the process of its first signal or restart target. */
export function confirmOf(
  { within, hold, http, metric, process, exec }: ConfirmDocument,
  targets: readonly TargetSettings[],
): ConfirmSettings {
  return {
    withinMs: within,
    holdMs: hold,
    http: http === undefined ? undefined : httpOf(http),
    metric: metric === undefined ? undefined : metricOf(metric),
    process: process && probedOf(process, targets),
    exec: exec && { command: commandOf(exec.command), timeoutMs: exec.timeout },
  };
}

function probedOf(
  process: NonNullable<ConfirmDocument['process']>,
  targets: readonly TargetSettings[],
): ProcessProbeSettings | undefined {
  if (process !== 'alive')
    return { ...processOf(process), newWorkers: process.newWorkers === true };
  for (const target of targets) {
    if ('signal' in target) return { ...processOf(target.signal), newWorkers: false };
    if ('restart' in target) return { ...processOf(target.restart), newWorkers: false };
  }
  return undefined;
}

function httpOf(http: NonNullable<ConfirmDocument['http']>): HttpProbeSettings {
  const { success, version, json } = http;
  return { ...requestOf(http), success, versionJson: version?.json, json };
}

/** The rules between keys have seen to it that just one of the three is set. */
function metricOf(metric: NonNullable<ConfirmDocument['metric']>): MetricProbeSettings {
  const { query, equals, increased } = metric;
  const word = increased === true ? 'increased' : 'newer';
  return { ...requestOf(metric), query, expect: equals === undefined ? word : { equals } };
}
