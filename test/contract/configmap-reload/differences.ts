/** A difference between lastgood and the program that it replaces. */
export interface Difference {
  /** Also the first column of the table in docs/drop-in.md. */
  readonly id: string;
  readonly theirs: string;
  readonly ours: string;
}

/**
 * Every known difference. A test compares the list with the table in docs/drop-in.md, and a case here
 * shows each one.
 */
export const DIFFERENCES = [
  {
    id: 'one URL, one queue',
    theirs:
      'one loop for all URLs and volumes: a slow or dead URL delays the others, and changes that arrive meanwhile',
    ours: 'each URL has its own queue',
  },
  {
    id: 'a newer change',
    theirs: 'waits for all retries of the one before',
    ours: 'replaces the one before, without waiting for its pause; of several only the last is sent',
  },
  {
    id: 'retries used up',
    theirs: 'drops the change: the app stays on the old content until the next one',
    ours: 'counts it as `retries_exhausted` too, and sends it again after 10 s, 20 s, … up to 15 min',
  },
  {
    id: 'endpoint is down',
    theirs: 'connection refused uses up a retry',
    ours: 'uses up none: an app that starts late, or again, gets the request within a second',
  },
  {
    id: 'the pause',
    theirs: '10 s after each request that failed, after the last one too',
    ours: 'a random 5 to 10 s, so that the pods of a fleet do not retry in step',
  },
  {
    id: 'webhook-retries=0',
    theirs: 'never sends a request, and counts each change as `retries_exhausted`',
    ours: 'makes one attempt, as with 1; more than 100 count as 100',
  },
  {
    id: 'no answer',
    theirs: 'waits without end',
    ours: 'counts as a failure after 30 s',
  },
  {
    id: 'the same content',
    theirs: 'sends a request for each swap of `..data`, also if nothing changed',
    ours: 'the same; with `--schema`, `--shape` or `--publish`, which read the content, sends no request',
  },
  {
    id: 'plain directories',
    theirs: 'notices only swaps of `..data`: a plain directory never triggers',
    ours: 'sends a request for a change of any file, after 100 ms without another change',
  },
  {
    id: 'a volume that is replaced',
    theirs: 'does not notice a directory that is removed and created again',
    ours: 'watches the new one',
  },
  {
    id: 'what cannot be read',
    theirs: 'sends a request as for any other change: reads nothing',
    ours: 'the same; with `--schema`, `--shape` or `--publish` sends no request, and shows it in the log, in `/status` and as `lastgood_degraded`: an empty volume, more than 16 MiB, or a file without permission',
  },
  {
    id: 'wrong values',
    theirs:
      'with a method, status, address or URL that cannot work, fails at each change, panics, or exits with 1',
    ours: 'exits with 2 at the start and names the value; methods are POST, PUT, GET, PATCH and DELETE',
  },
  {
    id: 'credentials',
    theirs:
      'shows a query and a user name without a password in the label `webhook`, and quotes a URL that it cannot parse with its password',
    ours: 'the label is the URL without query and fragment, with `xxxxx` for a password or a user name alone; never quotes a URL that it cannot parse',
  },
  {
    id: 'the request',
    theirs: '`User-Agent: Go-http-client/1.1`, `Accept-Encoding: gzip`',
    ours: 'has the headers `Lastgood-Bundle`, `Lastgood-Version` and `Lastgood-Rollout` instead',
  },
  {
    id: 'redirects',
    theirs: 'follows 10, also from https to http',
    ours: 'follows 5, and none from https to http',
  },
  {
    id: 'proxies',
    theirs: 'uses HTTP_PROXY, HTTPS_PROXY and NO_PROXY',
    ours: 'only with NODE_USE_ENV_PROXY=1',
  },
  {
    id: 'last_request_duration_seconds',
    theirs: 'starts at the change, and includes all retries and pauses',
    ours: 'the last request alone',
  },
  {
    id: 'client_request_create',
    theirs: 'counts requests that cannot be made',
    ours: 'never counts: exits at the start with such a flag',
  },
  {
    id: 'the log',
    theirs: 'plain lines on standard error',
    ours: 'JSON lines on standard output',
  },
  {
    id: 'other pages',
    theirs: 'serves a page with a link to the metrics at every other path',
    ours: 'has `/healthz`, `/readyz`, `/status` and a list of paths at `/`; any other path is 404',
  },
  {
    id: 'the usage',
    theirs: 'prints its path, and its description of each flag',
    ours: 'prints its name, our descriptions, and four more flags; no date before a message',
  },
  {
    id: 'SIGTERM',
    theirs: 'is ended by the signal',
    ours: 'finishes a request under way, and exits with 0',
  },
] as const satisfies readonly Difference[];

export type DifferenceId = (typeof DIFFERENCES)[number]['id'];
