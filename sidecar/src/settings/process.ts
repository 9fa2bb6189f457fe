import * as z from 'zod/mini';
import { key, optional, type Report, requireOneOf, type Values } from './mapping.ts';
import { absolutePath, count, pattern, processName } from './values.ts';

/** The keys that select a process: all that are set must match. */
export const processKeys = {
  process: optional(
    'Base name of the executable, or of the script that an interpreter runs.',
    processName,
  ),
  commandLine: optional(
    'Regular expression that the command line must match; arguments are joined by spaces.',
    pattern,
  ),
  pidFile: optional('Absolute path of a file that contains the process ID.', absolutePath),
  uid: optional('Real user ID of the process.', count(0, 2 ** 32 - 2)),
  all: key(
    'Select every process that matches, not only the topmost one of each process tree.',
    z.boolean(),
    false,
  ),
};

/** At least one of the first three is set. */
export type ProcessSettings = Values<typeof processKeys>;

export function checkProcess(keys: ProcessSettings, report: Report): void {
  const { process, commandLine, pidFile } = keys;
  requireOneOf({ process, commandLine, pidFile }, report);
}
