import type { BundleDocument } from './schema.ts';
import type {
  AuthSettings,
  HeaderSettings,
  HookSettings,
  PrepareSettings,
  ProcessSettings,
  RequestSettings,
  RetrySettings,
  TargetSettings,
} from './settings.ts';

/** Turns what tells or asks the app into what the rest of the program works with. */

type TargetDocument = BundleDocument['targets'][number];
type WebhookDocument = NonNullable<TargetDocument['webhook']>;
type DryRunDocument = BundleDocument['prepare'][number]['webhook'];
type RetriesDocument = WebhookDocument['retries'];

/** The rules between keys have seen to it that just one of the kinds is set. */
export function targetOf({
  webhook,
  signal,
  restart,
  exec,
  socket,
}: TargetDocument): TargetSettings {
  if (webhook !== undefined) {
    const { deadline, retries } = webhook;
    return { webhook: { ...hookOf(webhook), deadlineMs: deadline, retries: retryOf(retries) } };
  }
  if (signal !== undefined)
    return {
      signal: { ...processOf(signal), signal: signal.signal, retries: retryOf(signal.retries) },
    };
  if (restart !== undefined) {
    const { grace, kill, retries } = restart;
    return { restart: { ...processOf(restart), graceMs: grace, kill, retries: retryOf(retries) } };
  }
  if (exec !== undefined) {
    const { command, timeout, refused, absent, retries } = exec;
    return {
      exec: {
        command: commandOf(command),
        timeoutMs: timeout,
        refused,
        absent,
        retries: retryOf(retries),
      },
    };
  }
  if (socket === undefined) throw new RangeError('a target of no kind');
  const { path, send, success, refused, timeout, retries } = socket;
  return {
    socket: { path, send, success, refused, timeoutMs: timeout, retries: retryOf(retries) },
  };
}

/** One entry of `prepare`. */
export function prepareOf({ webhook }: BundleDocument['prepare'][number]): PrepareSettings {
  return { webhook: hookOf(webhook) };
}

/** A command whose first word is the program. */
export function commandOf([program = '', ...args]: readonly string[]): [string, ...string[]] {
  return [program, ...args];
}

function hookOf(hook: WebhookDocument | DryRunDocument): HookSettings {
  const { method, body, success, refused, timeout } = hook;
  const isWord = body === 'event' || body === 'none';
  return {
    ...requestOf(hook),
    method,
    body: isWord ? body : { text: body },
    success,
    refused,
    timeoutMs: timeout,
  };
}

type RequestDocument = Pick<
  WebhookDocument,
  'url' | 'headers' | 'followRedirects' | 'auth' | 'tls'
>;

/** Where a request goes, and how it says who it is. */
export function requestOf(request: RequestDocument): RequestSettings {
  const { url, headers, followRedirects, auth, tls } = request;
  const { bearerFile, basic, hmac }: Partial<AuthSettings> = auth;
  const { caFile, certFile, keyFile, serverName, insecureSkipVerify } = tls;
  return {
    url,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, header]): [string, HeaderSettings] => [
        name.toLowerCase(),
        typeof header === 'string' ? { value: header } : header,
      ]),
    ),
    followRedirects,
    auth: { bearerFile, basic, hmac },
    tls: { caFile, certFile, keyFile, serverName, insecureSkipVerify },
  };
}

type ProcessDocument = {
  readonly [Key in keyof ProcessSettings]?: ProcessSettings[Key] | undefined;
} & Pick<ProcessSettings, 'all'>;

/** Which process is meant. */
export function processOf({
  process,
  commandLine,
  pidFile,
  uid,
  all,
}: ProcessDocument): ProcessSettings {
  return { process, commandLine, pidFile, uid, all };
}

function retryOf({ attempts, backoff, max }: RetriesDocument): RetrySettings {
  return {
    attempts: attempts === 'endless' ? Number.POSITIVE_INFINITY : attempts,
    backoffMs: backoff,
    maxMs: max,
  };
}
