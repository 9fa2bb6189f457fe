import type * as z from 'zod/mini';
import { key, mapping } from './mapping.ts';
import { retriesKey } from './retries.ts';
import { command, count, duration, listOf } from './values.ts';

const timeoutKey = key('Deadline of the command (10s, 1m).', duration(1), '10s');

/** A command whose exit code 0 means success; `description` says what `{dir}` is. */
export function execSchema(description: string) {
  return mapping(
    { command: key(description, command), timeout: timeoutKey },
    ({ timeout, ...settings }) => ({ ...settings, timeoutMs: timeout }),
  );
}

export type ExecSettings = z.output<ReturnType<typeof execSchema>>;

/** Exit code 0 always means success. */
const exitCodes = listOf(count(1, 255));

export const execTargetSchema = mapping(
  {
    command: key(
      'Program and arguments; `{dir}` is replaced by the directory that the app reads.',
      command,
    ),
    timeout: timeoutKey,
    refused: key('Exit codes that mean that the app refuses the snapshot.', exitCodes, []),
    absent: key('Exit codes that mean that the app is not running.', exitCodes, []),
    retries: retriesKey,
  },
  ({ timeout, ...settings }) => ({ ...settings, timeoutMs: timeout }),
);

export type ExecTargetSettings = z.output<typeof execTargetSchema>;
