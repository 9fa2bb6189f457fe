/** One thing that lastgood does otherwise than the program that it replaces. */
export interface Difference {
  /** Also the first column of the table in docs/drop-in.md. */
  readonly id: string;
  readonly theirs: string;
  readonly ours: string;
}

/**
 * Every difference that is known. A test holds it against the table in docs/drop-in.md, and each has a
 * case here that shows it.
 */
export const DIFFERENCES = [
  {
    id: 'one URL, one queue',
    theirs:
      'one loop for all URLs and volumes: a URL that is slow or dead holds up the others, and changes that come meanwhile',
    ours: 'each URL is told by itself, whatever the others do',
  },
  {
    id: 'a newer change',
    theirs: 'waits until all retries of the one before are through',
    ours: 'cuts the pause of the one before short, and takes its place; of several only the last is told',
  },
  {
    id: 'retries used up',
    theirs: 'the change is dropped: the app stays on the old content until the next one',
    ours: 'it counts as `retries_exhausted` just so, and is told again after 10 s, 20 s, … up to 15 min',
  },
  {
    id: 'nobody listens',
    theirs: 'connection refused costs one of the retries',
    ours: 'it costs none: an app that starts late, or again, is told as soon as it is there',
  },
  {
    id: 'the pause',
    theirs: '10 s after each request that failed, after the last one too',
    ours: '5 to 10 s by chance, so that the pods of a fleet do not retry in step',
  },
  {
    id: 'webhook-retries=0',
    theirs: 'never sends a request, and counts each change as `retries_exhausted`',
    ours: 'is one try, as 1 is; more than 100 are 100',
  },
  {
    id: 'no answer',
    theirs: 'waits for ever',
    ours: 'is a failure after 30 s',
  },
  {
    id: 'the same content',
    theirs: 'each swap of `..data` is told, also one that changes nothing',
    ours: 'so is it; with `--schema`, `--shape` or `--publish`, which read the content, it is told to nobody',
  },
  {
    id: 'plain directories',
    theirs: 'only a swap of `..data` is seen: a plain directory never triggers',
    ours: 'a change of any file in the volume is told, once it has held still for 100 ms',
  },
  {
    id: 'a volume that is replaced',
    theirs: 'a directory that is removed and made again is not seen any more',
    ours: 'is watched anew',
  },
  {
    id: 'what cannot be read',
    theirs: 'is told like any other change: nothing is read',
    ours: 'so is it; with `--schema`, `--shape` or `--publish` it is told to nobody, and shown in the log, in `/status` and as `lastgood_degraded`: an empty volume, more than 16 MiB, or a file without permission',
  },
  {
    id: 'wrong values',
    theirs:
      'a method, a status, an address or a URL that cannot work fails at each change, with a panic, or with exit code 1',
    ours: 'ends it at the start with 2 and a line that says which; methods are POST, PUT, GET, PATCH and DELETE',
  },
  {
    id: 'credentials',
    theirs:
      'a query stands in the label `webhook`, a user name without a password too, and a URL that cannot be parsed in the message with its password',
    ours: 'the label is the URL without query and fragment, and `xxxxx` for a password or a user name alone; no URL that cannot be parsed is shown',
  },
  {
    id: 'the request',
    theirs: '`User-Agent: Go-http-client/1.1`, `Accept-Encoding: gzip`',
    ours: 'the headers `Lastgood-Bundle`, `Lastgood-Version` and `Lastgood-Rollout` instead',
  },
  {
    id: 'redirects',
    theirs: 'follows 10, also from https to http',
    ours: 'follows 5, and none from https to http',
  },
  {
    id: 'proxies',
    theirs: 'goes by HTTP_PROXY, HTTPS_PROXY and NO_PROXY',
    ours: 'only with NODE_USE_ENV_PROXY=1',
  },
  {
    id: 'last_request_duration_seconds',
    theirs: 'from the change on, with all retries and pauses',
    ours: 'the last request alone',
  },
  {
    id: 'client_request_create',
    theirs: 'counts requests that cannot be made',
    ours: 'never counts: such a flag ends it at the start',
  },
  {
    id: 'the log',
    theirs: 'plain lines on standard error',
    ours: 'JSON lines on standard output',
  },
  {
    id: 'other pages',
    theirs: 'every path but that of the metrics is a page with a link to them',
    ours: '`/` lists the paths, `/healthz`, `/readyz` and `/status` are there, and any other path is 404',
  },
  {
    id: 'the usage',
    theirs: "the program's path, and its own words for each flag",
    ours: 'its name, our words, and four more flags; no date before a message',
  },
  {
    id: 'SIGTERM',
    theirs: 'ends by the signal',
    ours: 'a request in hand is seen through, and the exit code is 0',
  },
] as const satisfies readonly Difference[];

export type DifferenceId = (typeof DIFFERENCES)[number]['id'];
