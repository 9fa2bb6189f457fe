import * as parts from './parts.ts';
import { definePreset } from './preset.ts';

export const gunicorn = definePreset({
  about:
    'Sends SIGHUP to the master of gunicorn, which starts new workers and lets the old ones finish.',
  needs: [parts.SHARED_PROCESSES, 'No `--preload`, so that the new workers read what has changed.'],
  parameters: { ...parts.process('gunicorn'), ...parts.appHealth },
  check: ['gunicorn', '--check-config', '--chdir', '{dir}', 'app:app'],
  timing: { within: '1m', hold: '10s' },
  bundleKeys: (parameters) => parts.hangUpApp(parameters, { newWorkers: true }),
  rollback: 'lastgood restores the last good files, and signals the master again.',
  limits: [
    'A signal has no reply: the old workers are healthy until gunicorn replaces them, so `hold` must be longer than a worker takes to start, and shorter than `--max-requests` lets one live.',
    'gunicorn exits with status 3 if a new worker cannot start: `validate`, `check` or the app itself must catch a file that makes the app fail during its import.',
    'gunicorn stops the old workers without checking the new ones.',
  ],
  sources: [
    'gunicorn documentation, Signal Handling: HUP',
    'gunicorn documentation, Settings: --check-config',
  ],
});
