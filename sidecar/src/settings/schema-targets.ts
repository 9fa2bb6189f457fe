import * as z from 'zod/mini';
import { key, or } from './keys.ts';
import { command, hookKeys, retriesOf } from './schema-requests.ts';
import {
  absolutePath,
  count,
  duration,
  exitCode,
  listOf,
  pattern,
  patternOrNothing,
  processName,
  signalName,
  someText,
} from './values.ts';

/** The keys of whoever is told of a new snapshot, or asked for a dry run. */

const webhook = z.strictObject({
  ...hookKeys,
  method: key('The HTTP method.', or('POST', z.enum(['POST', 'PUT', 'GET', 'PATCH', 'DELETE']))),
  timeout: key('Deadline of one try (500ms, 10s).', or('10s', duration(1))),
  deadline: key(
    'Deadline of all tries of one delivery together (2m); left out: only retries bound them.',
    z.optional(duration(1)),
  ),
  retries: retriesOf({ attempts: 5, backoff: '1s', max: '30s' }),
});

/** Which process is meant. */
export const processKeys = {
  process: key(
    'Base name of the executable, or of the script that an interpreter runs.',
    z.optional(processName),
  ),
  commandLine: key(
    'Regular expression that the command line must match, arguments joined by spaces.',
    z.optional(pattern),
  ),
  pidFile: key('Absolute path of a file that holds the process id.', z.optional(absolutePath)),
  uid: key('The user id that the process must have.', z.optional(count(0, 2 ** 32 - 2))),
  all: key(
    'Every process that matches, and not only the topmost of each tree.',
    or(false, z.boolean()),
  ),
};

const signal = z.strictObject({
  ...processKeys,
  signal: key('The signal, by name or number.', or('SIGHUP', signalName)),
  retries: retriesOf({ attempts: 5, backoff: '1s', max: '30s' }),
});

const restart = z.strictObject({
  ...processKeys,
  grace: key('How long the process may take to end after SIGTERM (30s).', or('30s', duration(1))),
  kill: key('Whether SIGKILL follows when it has not ended by then.', or(false, z.boolean())),
  retries: retriesOf({ attempts: 5, backoff: '1s', max: '30s' }),
});

const exec = z.strictObject({
  command: key(
    'The program and its arguments; {dir} becomes the directory that the app reads.',
    command,
  ),
  timeout: key('How long it may take (10s, 1m).', or('10s', duration(1))),
  refused: key('Exit codes that mean that the app read it and says no.', or([], listOf(exitCode))),
  absent: key('Exit codes that mean that the app is not there.', or([], listOf(exitCode))),
  retries: retriesOf({ attempts: 5, backoff: '1s', max: '30s' }),
});

const socket = z.strictObject({
  path: key('Absolute path of the Unix socket.', absolutePath),
  send: key('What is sent; a line end is added where it has none.', someText),
  success: key(
    'Regular expression that an answer that means yes must match.',
    or('', patternOrNothing),
  ),
  refused: key(
    'Regular expression that an answer matches that means that the app says no.',
    z.optional(pattern),
  ),
  timeout: key('How long the answer may take (10s, 1m).', or('10s', duration(1))),
  retries: retriesOf({ attempts: 5, backoff: '1s', max: '30s' }),
});

/** An entry says by its one key how the app is told. */
export const targetSchema = z.strictObject({
  webhook: key('Tells the app with an HTTP request.', z.optional(webhook)),
  signal: key('Tells the app with a signal.', z.optional(signal)),
  restart: key('Ends the app, which its container starts anew.', z.optional(restart)),
  exec: key('Tells the app with a command.', z.optional(exec)),
  socket: key('Tells the app with a line over a Unix socket.', z.optional(socket)),
});

/** Who is asked for a dry run. */
export const dryRunSchema = z.strictObject({
  webhook: key(
    'Asks the app with an HTTP request whether it could run on a copy of the new snapshot.',
    z.strictObject({
      ...hookKeys,
      method: key('The HTTP method.', or('POST', z.enum(['POST', 'PUT', 'PATCH']))),
      timeout: key('Deadline of one try (500ms, 10s).', or('5s', duration(1))),
    }),
  ),
});
