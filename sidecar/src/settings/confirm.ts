import { formatDuration } from '@lastgood/core/model/units.ts';
import type { VolumeSettings } from '@lastgood/core/model/volume-settings.ts';
import * as z from 'zod/mini';
import { resolveTls, type TlsProbeSettings, tlsProbeSchema } from './confirm-tls.ts';
import { execSchema } from './exec.ts';
import { either, key, mapping, optional, type Report, requireOneOf } from './mapping.ts';
import { checkProcess, type ProcessSettings, processKeys } from './process.ts';
import { requestKeys } from './request.ts';
import type { TargetSettings } from './targets.ts';
import { dottedPath, duration, metricQuery, pattern } from './values.ts';
import { successKey } from './webhook.ts';
import { must } from './wording.ts';

const json = z.strictObject({
  path: key('Dotted path into the JSON body; a whole number is an index.', dottedPath),
  equals: key('Value at that path.', z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

const http = mapping(
  {
    ...requestKeys,
    success: successKey,
    version: optional(
      'Where the reply contains the version that the app runs on.',
      z.strictObject({
        json: key('Dotted path into the JSON body (config.version).', dottedPath),
      }),
    ),
    json: optional('Another condition on the JSON body.', json),
  },
  ({ version, ...settings }) => ({ ...settings, versionJson: version?.json }),
);

const metric = mapping(
  {
    ...requestKeys,
    query: key('Name of the metric, with labels if it has several series.', metricQuery),
    equals: optional('Must have this value.', z.number()),
    increased: optional('Must be higher than before the app was notified.', z.literal(true)),
    newer: optional('Must be a Unix timestamp after the app was notified.', z.literal(true)),
  },
  ({ equals, increased, newer, ...settings }, report) => {
    const [first, second] = requireOneOf({ equals, increased, newer }, report);
    if (second !== undefined) report([second], `cannot be combined with ${first}`);
    const change = increased ? ('increased' as const) : ('newer' as const);
    return { ...settings, expect: equals === undefined ? change : { equals } };
  },
);

const process = mapping(
  {
    ...processKeys,
    newWorkers: optional(
      'Must have started a worker since the app was notified; with `all`, each old one must have ended.',
      z.union([z.literal(true), z.literal('all')], must('be true or all')),
    ),
    workerCommandLine: optional(
      'Regular expression of the command lines of its workers, for newWorkers; default: each child is one.',
      pattern,
    ),
  },
  ({ newWorkers = false, ...settings }, report) => {
    checkProcess(settings, report);
    if (!newWorkers && settings.workerCommandLine !== undefined)
      report(['workerCommandLine'], 'needs newWorkers');
    return { ...settings, newWorkers };
  },
);

const ALIVE = must('be alive, or keys that select a process');

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

export const confirmSchema = mapping(
  {
    within: key('Deadline for the proof (30s, 5m).', duration(1), '30s'),
    hold: key('How long the probes must succeed without a break (5s, 1m).', duration(), '5s'),
    http: optional('Sends a request to an endpoint of the app.', http),
    metric: optional('Reads a metric of the app.', metric),
    process: optional(
      'Checks that a process keeps running; `alive` is that of the signal or restart target.',
      either(isText, z.literal('alive', ALIVE), process),
    ),
    tls: optional(
      'Compares the certificate that the app serves with a file; one, or a list of several.',
      tlsProbeSchema,
    ),
    exec: optional(
      'Runs a command that must exit with 0.',
      execSchema('Program and arguments; `{dir}` is replaced by the directory that the app reads.'),
    ),
  },
  ({ within, hold, ...probes }, report) => {
    const [is, least] = [within, hold].map(formatDuration);
    if (within <= hold) report(['within'], `must be longer than hold, ${least} (is ${is})`);
    requireOneOf(probes, report);
    return { withinMs: within, holdMs: hold, ...probes };
  },
);

export type HttpProbeSettings = z.output<typeof http>;
export type JsonProbeSettings = z.output<typeof json>;
export type MetricProbeSettings = z.output<typeof metric>;

export type ProcessProbeSettings = z.output<typeof process>;

/** All probes that are set must succeed at the same time. At least one is set. */
export interface ConfirmSettings extends Omit<z.output<typeof confirmSchema>, 'process' | 'tls'> {
  readonly process: ProcessProbeSettings | undefined;
  readonly tls: readonly TlsProbeSettings[];
}

/** Replaces `process: alive` by the process of the first signal or restart target. */
export function resolveConfirm(
  { process, tls, ...confirm }: z.output<typeof confirmSchema>,
  { targets, volumes }: ConfirmedBundle,
  report: Report,
): ConfirmSettings {
  const reportTls: Report = (path, rule) => report(['confirm', 'tls', ...path], rule);
  return {
    ...confirm,
    process: process === 'alive' ? findProcess(targets, report) : process,
    tls: resolveTls(tls, volumes, reportTls),
  };
}

interface ConfirmedBundle {
  readonly targets: readonly TargetSettings[];
  readonly volumes: readonly VolumeSettings[];
}

function findProcess(
  targets: readonly TargetSettings[],
  report: Report,
): ProcessProbeSettings | undefined {
  const [target] = targets.flatMap((each): ProcessSettings[] => {
    if ('signal' in each) return [each.signal];
    return 'restart' in each ? [each.restart] : [];
  });
  if (target === undefined) {
    const rule = 'needs a signal or restart target, or keys that select a process';
    report(['confirm', 'process'], rule);
    return undefined;
  }
  const { process, commandLine, pidFile, uid, all } = target;
  const workers = { newWorkers: false, workerCommandLine: undefined } as const;
  return { process, commandLine, pidFile, uid, all, ...workers };
}
