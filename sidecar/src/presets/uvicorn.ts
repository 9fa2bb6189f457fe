import * as parts from './parts.ts';
import { definePreset } from './preset.ts';

export const uvicorn = definePreset({
  about: 'Sends SIGHUP to the supervisor of uvicorn, which restarts its workers one after another.',
  needs: [
    parts.SHARED_PROCESSES,
    '`--workers 2` or more and uvicorn 0.30 or newer: a single process does not catch SIGHUP, so lastgood does not send it.',
    parts.CHECK_PROGRAM,
  ],
  parameters: { ...parts.process('uvicorn'), ...parts.appHealth },
  check: ['python', '-m', 'compileall', '-q', '{dir}'],
  timing: { within: '1m', hold: '10s' },
  bundleKeys: (parameters) => parts.hangUpApp(parameters),
  rollback: 'lastgood restores the last good files, and signals the supervisor again.',
  limits: [
    'A signal has no reply: the old workers are healthy until uvicorn replaces them, so `hold` must be longer than a worker takes to start.',
    'uvicorn restarts a worker that cannot start again and again: the proof must be a URL that a worker serves.',
  ],
  sources: ['uvicorn documentation, Deployment: Built-in, signals of the process manager'],
});
