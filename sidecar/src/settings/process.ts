import * as z from 'zod/mini';
import { key, optional, type Report, requireOneOf } from './mapping.ts';
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
export interface ProcessSettings {
  readonly process: string | undefined;
  readonly commandLine: string | undefined;
  readonly pidFile: string | undefined;
  readonly uid: number | undefined;
  readonly all: boolean;
}

type ProcessKeys = z.output<z.ZodMiniObject<typeof processKeys, z.core.$strict>>;

/** The process that the keys of a mapping select. */
export function resolveProcess(
  { process, commandLine, pidFile, uid, all }: ProcessKeys,
  report: Report,
): ProcessSettings {
  requireOneOf({ process, commandLine, pidFile }, ['process', 'commandLine', 'pidFile'], report);
  return { process, commandLine, pidFile, uid, all };
}
