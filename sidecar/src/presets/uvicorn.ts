import * as parts from './parts.ts';
import { definePreset } from './preset.ts';

/**
 * Newer versions end a worker when its successor serves, and keep it if that fails. Python's resource
 * tracker, another child, stays.
 */
const REPLACED = { newWorkers: 'all', workerCommandLine: 'spawn_main' } as const;

export const uvicorn = definePreset({
  about: 'Sends SIGHUP to the supervisor of uvicorn, which restarts its workers one after another.',
  needs: [
    parts.SHARED_PROCESSES,
    '`--workers 2` or more and uvicorn 0.30 or newer: a single process does not catch SIGHUP, so lastgood does not send it.',
  ],
  parameters: { ...parts.process('uvicorn'), ...parts.appHealth },
  check: ['python', '-m', 'compileall', '-q', '{dir}'],
  timing: { within: '1m', hold: '10s' },
  bundleKeys: (parameters) => parts.hangUpApp(parameters, REPLACED),
  rollback: 'lastgood restores the last good files, and signals the supervisor again.',
  limits: [
    'The proof is that every old worker has ended and the new ones stay: `hold` must be longer than a worker that cannot work takes to die, and shorter than `--limit-max-requests` lets one live.',
    'uvicorn ends a worker when its requests are done: with long ones, set `--timeout-graceful-shutdown` to much less than `within`.',
    'uvicorn 0.51 and newer keep the old workers if a new one does not serve within `--timeout-worker-healthcheck` (5s): set it to more than a worker takes to start, and to less than `within`.',
    'Older ones restart a worker that cannot start again and again. If it hangs while it starts, they wait for it, and do not notice the rollback: the liveness probe of the app must then restart it, or `check` refuse the file before.',
  ],
  sources: [
    'uvicorn documentation, Deployment: Built-in, signals of the process manager',
    'uvicorn release notes, 0.51.0: a new worker serves before the old one ends',
  ],
});
