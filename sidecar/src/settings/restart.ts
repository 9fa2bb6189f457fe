import * as z from 'zod/mini';
import { key, mapping } from './mapping.ts';
import { checkProcess, processKeys } from './process.ts';
import { retriesKey } from './retries.ts';
import { duration } from './values.ts';

export const restartSchema = mapping(
  {
    ...processKeys,
    grace: key('Time that the process has to exit after SIGTERM (30s).', duration(1), '30s'),
    kill: key('Send SIGKILL if the process is still running after that time.', z.boolean(), false),
    retries: retriesKey,
  },
  ({ grace, ...settings }, report) => {
    checkProcess(settings, report);
    return { ...settings, graceMs: grace };
  },
);

export type RestartSettings = z.output<typeof restartSchema>;
