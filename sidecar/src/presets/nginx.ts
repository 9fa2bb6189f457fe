import type { Preset } from './preset.ts';

export const nginx = {
  about:
    'Sends SIGHUP to the master process of nginx, which starts new workers and lets the old ones finish.',
  needs: [
    '`shareProcessNamespace: true` in the pod, so that the sidecar sees the process, and the same user or root.',
    'The program of `check` in the image of the sidecar, if `check` is used.',
  ],
  parameters: {
    process: {
      about: 'Base name of the executable; the topmost one is the master.',
      kind: 'process',
      default: 'nginx',
    },
    commandLine: {
      about: 'Regular expression of its command line, where several are called so.',
      kind: 'pattern',
      default: '.',
    },
    health: {
      about: 'URL of a location that answers 2xx while nginx works.',
      kind: 'url',
      example: 'http://localhost:8080/healthz',
    },
    proof: {
      about: 'Command that ends with 0 once the new configuration is what nginx serves.',
      kind: 'words',
      example: ['/lastgood/hooks/serves', 'http://localhost:8080/version', '{dir}/version'],
    },
    check: {
      about: 'Command that must end with 0 before the change is published; off by default.',
      kind: 'words',
      example: ['nginx', '-t', '-p', '{dir}', '-c', '{dir}/nginx.conf'],
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '30s' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '5s' },
  },
  apply: [{ signal: { process: '{process}', commandLine: '{commandLine}', signal: 'SIGHUP' } }],
  proof: {
    within: '{within}',
    hold: '{hold}',
    // With a file that it cannot read, the master goes on with the workers that it has.
    process: { process: '{process}', commandLine: '{commandLine}', newWorkers: true },
    http: { url: '{health}' },
    exec: { command: '{proof}' },
  },
  checks: [{ exec: { command: '{check}', timeout: '30s' } }],
  back: 'nginx keeps its old workers when it cannot read a new configuration; the last good files are put back, and it is told again.',
  limits: [
    'A signal has no answer: that nginx could not read a file is seen by its workers, which stay the old ones, and the file is rolled back when `within` is over. With `check` it is refused before it is published.',
    'Even when it only tests, nginx opens its pid file and makes its temporary directories. With `-p` and relative paths in `nginx.conf` (`pid nginx.pid;`, `client_body_temp_path tmp;` and its kin) they are in the copy that `check` looks at, so that the root of the sidecar may be read-only; the nginx of the app takes them from its own `-p`.',
    'For a configuration that logs to `/dev/stderr` or `/dev/stdout`, `check` needs a shell, since the outputs of a command cannot be opened by name: docs/validation.md, Commands.',
    'A worker that ends by itself is started anew by the master, and would be taken for a proof if that came just then. `master_process off` has no workers.',
    'For `proof`, which says what is served and not only that it is new, let the configuration hold a text of its own and answer with it (`location = /version { return 200 "42"; }`), and compare that with a file beside it.',
  ],
  sources: ['nginx documentation, Controlling nginx: Changing Configuration (HUP)'],
} as const satisfies Preset;
