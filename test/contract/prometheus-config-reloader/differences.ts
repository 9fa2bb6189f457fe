/**
 * Every way in which lastgood differs from prometheus-config-reloader when it stands in its place, and
 * why. docs/drop-in.md has the same table; a test holds the two together.
 */
export interface Difference {
  /** What it is about. */
  readonly id: string;
  readonly original: string;
  readonly lastgood: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'recheck',
    original: 'looks again each `--watch-interval`',
    lastgood: 'looks again each minute; a change is seen at once in both',
  },
  {
    id: 'retries',
    original: 'retries until `--watch-interval` is over, and goes on with the next look',
    lastgood:
      'retries without end, each after half to all of `--retry-interval`, and drops a version for a newer one at once',
  },
  {
    id: 'same content',
    original: 'writes the file again at each look',
    lastgood: 'writes only what is new, so the time of the file says when it changed',
  },
  {
    id: 'broken gzip at the start',
    original: 'ends with 1',
    lastgood: 'is not ready, says why, and goes on as soon as the file is mended',
  },
  {
    id: 'broken gzip and watch-interval 0',
    original: 'ends with 1, with a stack trace in the log',
    lastgood: 'ends with 1, with the finding on standard error',
  },
  {
    id: 'nothing to watch',
    original: 'runs and does nothing',
    lastgood: 'ends with 2 and says so',
  },
  {
    id: 'empty directory',
    original: 'a `--watched-dir` that is empty is content as well',
    lastgood: 'with nothing but empty directories there is no version, and no reload',
  },
  {
    id: 'limits',
    original: 'reads whatever there is',
    lastgood:
      'holds to 32 MiB for all files, unpacked, so that no gzip takes the memory of the pod',
  },
  {
    id: 'expansion errors',
    original: 'warns of each reference at each look',
    lastgood: 'warns of each name once; the metric is the same',
  },
  {
    id: 'apply operations',
    original: 'counts each look after the start',
    lastgood:
      'counts each look that found something new, the first one too, and counts as failed also what a check rejects',
  },
  {
    id: 'watch metrics',
    original: 'counts what inotify tells and watches',
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
    lastgood: 'a version that Prometheus has failed on gets no further signal; the next one does',
  },
  {
    id: 'durations',
    original:
      'takes one that is less than 0; 0 as `--retry-interval` is a panic, and as `--reload-timeout` no limit',
    lastgood: 'refuses one that is less than 0; 0 is 100 ms, and 1 h',
  },
  {
    id: 'wrong values',
    original: 'says what is wrong on standard output, and of no flag',
    lastgood:
      'says the same there, and on standard error with the flag; one that the settings refuse is a finding of that flag',
  },
  {
    id: 'urls',
    original: 'takes any URL, and quotes one that it cannot parse',
    lastgood: 'takes http and https, and quotes none: it may hold a password',
  },
  {
    id: 'flags',
    original: 'takes no long flag with one dash; reads `@file` as a file of arguments',
    lastgood: 'takes one dash as well; has no `@file`',
  },
  {
    id: 'memory limit',
    original: '`--auto-gomemlimit-ratio` limits the memory of Go',
    lastgood: 'takes it, without effect',
  },
  {
    id: 'log',
    original: 'lines of several shapes with `caller`, where reloads and retries are told',
    lastgood: 'one line a step, with `bundle`, `rollout` and `version`',
  },
  {
    id: 'pages',
    original: 'has `/metrics` and `/healthz`; other metrics are those of Go',
    lastgood: 'has `/readyz` and `/status` as well, and metrics of its own in place of those of Go',
  },
  {
    id: 'web config',
    original: 'takes all of exporter-toolkit; reads the file at `--watch-interval=0` too',
    lastgood:
      'takes `cert_file`, `key_file`, `client_ca_file`, `client_auth_type`, `min_version`, `headers` and `basic_auth_users`, refuses the rest, speaks HTTP/1.1; with 0 it is not read',
  },
  {
    id: 'version',
    original: 'prints the version, branch and revision of the operator',
    lastgood: 'prints its own version',
  },
];
