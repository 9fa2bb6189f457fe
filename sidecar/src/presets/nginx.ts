import * as parts from './parts.ts';
import { definePreset } from './preset.ts';

export const nginx = definePreset({
  about:
    'Sends SIGHUP to the master process of nginx, which starts new workers and lets the old ones finish.',
  needs: [parts.SHARED_PROCESSES],
  parameters: {
    ...parts.process('nginx', 'Base name of the executable; the topmost process is the master.'),
    health: {
      about: 'URL of a location that replies 2xx while nginx works.',
      kind: 'url',
      example: 'http://localhost:8080/healthz',
    },
    tls: parts.tls('localhost:443'),
    proof: {
      about: 'Command that exits with 0 once nginx serves the new configuration.',
      kind: 'command',
      example: ['/lastgood/hooks/serves', 'http://localhost:8080/version', '{dir}/version'],
    },
  },
  check: ['nginx', '-t', '-p', '{dir}', '-c', '{dir}/nginx.conf'],
  timing: { within: '30s', hold: '5s' },
  bundleKeys: ({ process, commandLine, health, tls, proof }) => ({
    targets: parts.hangUp({ process, commandLine }),
    confirm: {
      // If it cannot read a file, the master keeps its workers. One that only finishes its requests has
      // another title, "worker process is shutting down".
      process: {
        process,
        commandLine,
        newWorkers: 'all',
        workerCommandLine: 'worker process( #\\d+)?$',
      },
      http: parts.healthProbe(health),
      tls,
      exec: proof && { command: proof },
    },
  }),
  rollback:
    'nginx keeps its old workers if it cannot read a new configuration; lastgood restores the last good files, and signals it again.',
  limits: [
    'A signal has no reply: if nginx cannot read a file, its workers stay the old ones, and lastgood rolls the file back when `within` is over. With `check`, lastgood refuses the file before it is published.',
    'Even a test makes nginx open its PID file and create its temporary directories. With `-p` and relative paths in `nginx.conf` (`pid nginx.pid;`, `client_body_temp_path tmp;` and the like) they are in the copy that `check` reads, so the root of the sidecar may be read-only; the nginx of the app takes them from its own `-p`.',
    'For a configuration that logs to `/dev/stderr` or `/dev/stdout`, `check` needs a shell, since the outputs of a command cannot be opened by name: docs/validation.md, Commands.',
    'If the only worker exits, the master starts a new one, which would count as a proof at that moment; with more workers, each must be new. `master_process off` has no workers.',
    'With `tls`, set it for a bundle of certificates: new workers prove that nginx could read the files, and `tls` that it serves the certificate in them.',
    'For `proof`, which shows what nginx serves and not only that it is new, put a text into the configuration (`location = /version { return 200 "42"; }`), and compare it with a file in the same volume.',
  ],
  sources: ['nginx documentation, Controlling nginx: Changing Configuration (HUP)'],
});
