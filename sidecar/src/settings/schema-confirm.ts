import * as z from 'zod/mini';
import { key, or } from './keys.ts';
import { command, requestKeys, successKey } from './schema-requests.ts';
import { processKeys } from './schema-targets.ts';
import { dottedPath, duration, metricQuery } from './values.ts';

/** The keys of the ways to prove that the app runs on a version. */

const http = z.strictObject({
  ...requestKeys,
  success: successKey,
  version: key(
    'Where the answer names the version that the app runs on.',
    z.optional(
      z.strictObject({
        json: key('Dotted path into the JSON body (config.version).', dottedPath),
      }),
    ),
  ),
  json: key(
    'What else the JSON body must say.',
    z.optional(
      z.strictObject({
        path: key('Dotted path into the JSON body; a whole number is an index.', dottedPath),
        equals: key(
          'The value that must stand there.',
          z.union([z.string(), z.number(), z.boolean(), z.null()]),
        ),
      }),
    ),
  ),
});

const metric = z.strictObject({
  ...requestKeys,
  query: key('Name of the metric, with its labels where it has several series.', metricQuery),
  equals: key('The value that it must have.', z.optional(z.number())),
  increased: key(
    'Whether it must have gone up since before the app was told.',
    z.optional(z.literal(true)),
  ),
  newer: key(
    'Whether it must be a timestamp, in Unix seconds, since the app was told.',
    z.optional(z.literal(true)),
  ),
});

const process = z.strictObject({
  ...processKeys,
  newWorkers: key(
    'Whether it must have started a process of its own since the app was told.',
    z.optional(z.literal(true)),
  ),
});

const exec = z.strictObject({
  command: key(
    'The program and its arguments, which must end with 0; {dir} is the directory of the app.',
    command,
  ),
  timeout: key('How long it may take (10s, 1m).', or('10s', duration(1))),
});

/** All that are set must be good at the same time. */
export const confirmSchema = z.strictObject({
  within: key('Deadline for the proof (30s, 5m).', or('30s', duration(1))),
  hold: key('How long the app must stay good without a break (5s, 1m).', or('5s', duration())),
  http: key('Asks an endpoint of the app.', z.optional(http)),
  metric: key('Looks at one of the metrics of the app.', z.optional(metric)),
  process: key(
    'Looks whether a process lives on: alive means that of the signal or restart target.',
    z.optional(z.union([z.literal('alive'), process])),
  ),
  exec: key('Runs a command that must end with 0.', z.optional(exec)),
});
