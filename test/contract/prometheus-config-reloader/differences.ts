/**
 * A difference between lastgood and prometheus-config-reloader. docs/drop-in.md has the same table, and a
 * test compares the two.
 */
export interface Difference {
  /** Also the first column of the table. */
  readonly id: string;
  readonly original: string;
  readonly lastgood: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'recheck',
    original: 'checks again each `--watch-interval`',
    lastgood: 'checks again each minute; both notice a change at once',
  },
  {
    id: 'retries',
    original: 'retries until `--watch-interval` is over, and continues at the next check',
    lastgood:
      'retries without end, each after half to all of `--retry-interval`, or of a second while the app is down, and drops a version for a newer one at once',
  },
  {
    id: 'same content',
    original: 'writes the file again at each check',
    lastgood: 'writes only changes, so the time of the file says when it changed',
  },
  {
    id: 'broken gzip at the start',
    original: 'exits with 1',
    lastgood: 'is not ready, says why, and continues as soon as the file is correct',
  },
  {
    id: 'broken gzip and watch-interval 0',
    original: 'exits with 1, with a stack trace in the log',
    lastgood: 'exits with 1, with the finding on standard error',
  },
  {
    id: 'nothing to watch',
    original: 'runs and does nothing',
    lastgood: 'exits with 2 and says so',
  },
  {
    id: 'empty directory',
    original: 'accepts an empty `--watched-dir` as content',
    lastgood: 'does not reload if all directories are empty',
  },
  {
    id: 'limits',
    original: 'has none',
    lastgood:
      'reads up to 32 MiB in all files, unpacked, so that no gzip takes the memory of the pod',
  },
  {
    id: 'expansion errors',
    original: 'warns of each reference at each check',
    lastgood: 'warns of each name once; the metric is the same',
  },
  {
    id: 'apply operations',
    original: 'counts each check after the start',
    lastgood:
      'counts each check that found a change, the first one too; a rejected version counts as failed',
  },
  {
    id: 'watch metrics',
    original: 'counts events and watches of inotify',
    lastgood: 'counts changes, and the paths of the flags',
  },
  {
    id: 'success by signal',
    original: 'waits until lastConfigTime is newer than before',
    lastgood: 'waits until reloadConfigSuccess has been true for 2 s',
  },
  {
    id: 'refusal by signal',
    original: 'sends the signal again each `--retry-interval`',
    lastgood: 'sends no further signal for a version that failed; the next version gets one',
  },
  {
    id: 'durations',
    original:
      'accepts negative ones; 0 as `--retry-interval` panics, and as `--reload-timeout` means no limit',
    lastgood: 'refuses negative ones; 0 means 100 ms, and 1 h',
  },
  {
    id: 'wrong values',
    original: 'reports the mistake on standard output, and names no flag',
    lastgood:
      'reports the same there, and on standard error with the flag; a value that the settings refuse is a finding of that flag',
  },
  {
    id: 'urls',
    original: 'accepts any URL, and quotes one that it cannot parse',
    lastgood: 'accepts http and https, and quotes none: it may contain a password',
  },
  {
    id: 'flags',
    original: 'does not accept a long flag with one dash; reads `@file` as a file of arguments',
    lastgood: 'accepts one dash as well; has no `@file`',
  },
  {
    id: 'memory limit',
    original: '`--auto-gomemlimit-ratio` limits the memory of Go',
    lastgood: 'accepts it, without effect',
  },
  {
    id: 'log',
    original: 'writes lines of several shapes with `caller` about reloads and retries',
    lastgood: 'writes one line for each step, with `bundle`, `rollout` and `version`',
  },
  {
    id: 'pages',
    original: 'has `/metrics` and `/healthz`; other metrics are those of Go',
    lastgood: 'has `/readyz` and `/status` as well, and its own metrics instead of those of Go',
  },
  {
    id: 'web config',
    original: 'accepts all of exporter-toolkit; reads the file at `--watch-interval=0` too',
    lastgood:
      'accepts `cert_file`, `key_file`, `client_ca_file`, `client_auth_type`, `min_version`, `headers` and `basic_auth_users`, refuses the rest, and has HTTP/1.1 only; does not read it with 0',
  },
  {
    id: 'version',
    original: 'prints the version, branch and revision of the operator',
    lastgood: 'prints its own version',
  },
];
